import { Text } from '@mantine/core'
import type { AuditChangeView } from '../api/types'
import { useMessages } from './texts/messages'
import classes from './Audit.module.css'
import { changePath, valueText } from './sentence'

/** What may be wider than the page is scrolled with keys too. */
function Value({ value, kind }: { value: unknown; kind: 'before' | 'after' }) {
  const text = valueText(value)
  return (
    <pre data-kind={kind} tabIndex={text.length > 30 ? 0 : undefined}>
      {text}
    </pre>
  )
}

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
                {before !== null && before !== undefined && <Value kind="before" value={before} />}
                {after !== null && after !== undefined && <Value kind="after" value={after} />}
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
