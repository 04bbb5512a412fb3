import { Badge, Stack, Text } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'
import type { Change } from '@/shared/targeting/diff'
import classes from './ChangeList.module.css'

const colors = { added: 'teal', removed: 'red', changed: 'brand', moved: 'gray' }

/** Differences in words, old above new. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const m = useMessages()
  return (
    <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {changes.map((change, index) => (
        <li key={index} className={classes.change}>
          <div className={classes.head}>
            <Badge size="sm" variant="light" color={colors[change.kind]}>
              {m.changeKinds[change.kind]}
            </Badge>
            <Text size="sm" fw={600}>
              {change.what}
            </Text>
          </div>
          {change.kind === 'moved' ? (
            <div className={classes.line}>
              {change.before} → {change.after}
            </div>
          ) : (
            <>
              {change.before !== undefined && (
                <div className={classes.line} data-kind="before">
                  <span aria-hidden>−</span>
                  <del>{change.before}</del>
                </div>
              )}
              {change.after !== undefined && (
                <div className={classes.line} data-kind="after">
                  <span aria-hidden>+</span>
                  <ins>{change.after}</ins>
                </div>
              )}
            </>
          )}
        </li>
      ))}
    </Stack>
  )
}
