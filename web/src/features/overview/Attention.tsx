import { Badge, Paper, Skeleton, Text, Title } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client, unwrap } from '@/shared/api/client'
import type { FlagView } from '@/shared/api/types'
import { ErrorState } from '@/shared/components/ErrorState'
import { LifecycleBadge } from '@/shared/components/LifecycleBadge'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import classes from './Overview.module.css'

const most = 8

/** Flags that somebody should look at: killed ones first, then stale ones. */
const attentionQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['flags', org, project, 'attention'],
    queryFn: async () => {
      const ask = (query: { lifecycle?: 'stale' }) =>
        unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/flags', { params: { path: { org, project }, query: { limit: 200, sort: '-updatedAt', ...query } } }))
      const [all, stale] = await Promise.all([ask({}), ask({ lifecycle: 'stale' })])
      const killed = all.items.filter((flag) => killedIn(flag).length > 0)
      return [...killed, ...stale.items.filter(({ id }) => !killed.some((flag) => flag.id === id))]
    },
  })

const killedIn = (flag: FlagView) => Object.entries(flag.environments).flatMap(([key, { killed }]) => (killed ? [key] : []))

export function Attention({ scope }: { scope: Scope }) {
  const m = useMessages()
  const flags = useQuery(attentionQuery(scope))
  const rest = (flags.data?.length ?? 0) - most
  return (
    <Paper className="surface" p="md">
      <Title order={2} size="h5" mb="xs">
        {m.overview.attention}
      </Title>
      {flags.isPending && <Skeleton h={120} />}
      {flags.isError && <ErrorState error={flags.error} onRetry={() => void flags.refetch()} />}
      {flags.data?.length === 0 && (
        <div className={classes.row}>
          <IconCircleCheck size={20} color="var(--mantine-color-teal-6)" aria-hidden />
          <Text c="dimmed" size="sm">
            {m.overview.nothingToDo}
          </Text>
        </div>
      )}
      {flags.data?.slice(0, most).map((flag) => (
        <Link key={flag.id} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: flag.key }} className={classes.row}>
          <span style={{ flex: 1, minWidth: 0 }}>
            <Text span size="sm" fw={550} truncate display="block">
              {flag.name}
            </Text>
            <Text span size="xs" c="dimmed" truncate display="block">
              {killedIn(flag).length > 0
                ? m.overview.killedIn(killedIn(flag).join(', '))
                : flag.lifecycle.reasons.map((reason) => m.lifecycle.reasons[reason]).join(' ')}
            </Text>
          </span>
          {killedIn(flag).length > 0 ? (
            <Badge color="red.9" variant="filled" tt="none" size="sm">
              {m.flags.killed}
            </Badge>
          ) : (
            <LifecycleBadge lifecycle={flag.lifecycle} focusable={false} />
          )}
        </Link>
      ))}
      {rest > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {m.overview.more(rest)}
        </Text>
      )}
    </Paper>
  )
}
