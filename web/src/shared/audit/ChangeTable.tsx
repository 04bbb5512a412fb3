import { Text } from '@mantine/core'
import type { AuditChangeView } from '../api/types'
import { useMessages } from '../i18n/messages'
import classes from './Audit.module.css'
import { changePath, valueText } from './sentence'

type Props = { changes: AuditChangeView[]; hasMore: boolean; entity: string; entityKey: string }

/** What changed, member by member. */
export function ChangeTable({ changes, hasMore, entity, entityKey }: Props) {
  const m = useMessages()
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {m.audit.nothingRecorded}
      </Text>
    )
  }
  return (
    <>
      <div className={classes.diff} role="list" aria-label={m.audit.differences}>
        {changes.map(({ path, before, after, truncated }) => (
          <div key={path} role="listitem" className={classes.difference}>
            <div className={classes.path}>{changePath(path, entity, entityKey)}</div>
            {truncated ? (
              <pre>{m.audit.truncated}</pre>
            ) : (
              <>
                {before !== null && before !== undefined && <pre data-kind="before">{valueText(before)}</pre>}
                {after !== null && after !== undefined && <pre data-kind="after">{valueText(after)}</pre>}
              </>
            )}
          </div>
        ))}
      </div>
      {hasMore && (
        <Text size="xs" c="dimmed" mt={6}>
          {m.audit.moreChanges}
        </Text>
      )}
    </>
  )
}
