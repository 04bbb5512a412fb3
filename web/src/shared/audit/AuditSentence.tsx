import { Text } from '@mantine/core'
import type { AuditEntryView, EnvironmentView } from '../api/types'
import { EnvironmentMark } from '../components/EnvironmentMark'
import { useMessages } from './texts/messages'
import classes from './Audit.module.css'
import { phraseParts } from './sentence'

const alarming = /kill|delet|revoked$|archived|removed|deactivated|failed/

type Props = { entry: AuditEntryView; environment?: EnvironmentView; project?: boolean }

/** "Anna switched checkout on in prod". */
export function AuditSentence({ entry, environment, project }: Props) {
  const m = useMessages()
  const [before, after] = phraseParts(entry.action, m)
  // What the log calls the thing is often an id that only machines read.
  const what = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(entry.entityKey) ? entry.entityKey.slice(0, 8) : entry.entityKey
  return (
    <span className={classes.sentence}>
      <Text span fw={650} size="sm">
        {entry.actor.name || m.audit.system}
      </Text>
      {entry.onBehalfOf && <> {m.audit.onBehalfOf(entry.onBehalfOf.name)}</>}{' '}
      <span className={alarming.test(entry.action) ? classes.alarming : undefined}>
        {before}
        <Text span fw={600} size="sm" className="mono" c="var(--mantine-color-text)">
          {what}
        </Text>
        {after}
      </span>
      {entry.environment && (
        <>
          {' '}
          {m.audit.in}{' '}
          <span style={{ display: 'inline-flex', verticalAlign: 'baseline' }}>
            {environment ? <EnvironmentMark environment={environment} /> : <strong>{entry.environment}</strong>}
          </span>
        </>
      )}
      {project && entry.project && (
        <Text span size="sm" c="dimmed">
          {' · '}
          {entry.project}
        </Text>
      )}
    </span>
  )
}
