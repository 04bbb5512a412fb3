import { Anchor, Group, Paper, Skeleton, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ActorIcon } from '@/shared/audit/ActorIcon'
import { AuditSentence } from '@/shared/audit/AuditSentence'
import { auditQuery } from '@/shared/audit/listAudit'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/audit/texts/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import classes from './Overview.module.css'

/** The last few changes, whoever made them. */
export function RecentChanges({ scope }: { scope: Scope }) {
  const m = useMessages()
  const { environments } = useEnvironments()
  const { data } = useInfiniteQuery(auditQuery(scope, {}))
  const entries = data?.pages[0]?.items.slice(0, 7)
  return (
    <Paper className="surface" p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {m.overview.recent}
        </Title>
        <Anchor component={Link} to="/p/$org/$project/audit" params={scope as never} size="sm">
          {m.app.audit}
        </Anchor>
      </Group>
      {entries === undefined && <Skeleton h={200} />}
      {entries?.length === 0 && (
        <Text c="dimmed" size="sm">
          {m.audit.empty}
        </Text>
      )}
      {entries?.map((entry) => (
        <div key={entry.id} className={classes.row} style={{ alignItems: 'flex-start' }}>
          <ActorIcon actor={entry.actor} />
          <Text span size="sm" style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
            <AuditSentence entry={entry} environment={environments.find(({ key }) => key === entry.environment)} />
          </Text>
          <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap', paddingTop: 2 }}>
            <RelativeTime at={entry.at} />
          </Text>
        </div>
      ))}
    </Paper>
  )
}
