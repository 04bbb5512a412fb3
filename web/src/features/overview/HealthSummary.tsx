import { Badge, Group, Paper, Skeleton, Text, Title } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { boardQuery } from '@/shared/health/api'
import { HealthBadge } from '@/shared/health/HealthBadge'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import classes from './Overview.module.css'

const most = 4

/** How the flags of a project do in all environments: those that are not well, and what is open. */
export default function HealthSummary({ scope }: { scope: Scope }) {
  const m = useMessages()
  const t = useHealthTexts()
  const board = useQuery({ ...boardQuery(scope, undefined), refetchInterval: 15_000 })
  const unwell = board.data?.items.filter(({ state }) => state !== 'healthy') ?? []
  const rest = unwell.length - most
  return (
    <Paper className="surface" p="md">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          <Text component={Link} to="/p/$org/$project/health" params={scope as never} inherit c="inherit" td="none">
            {m.health.title}
          </Text>
        </Title>
        {board.data !== undefined && board.data.openIncidents > 0 && (
          <Badge component={Link} to="/p/$org/$project/health" params={scope as never} search={{ view: 'incidents' } as never} color="red" variant="light" tt="none" style={{ cursor: 'pointer' }}>
            {t.openIncidents(board.data.openIncidents)}
          </Badge>
        )}
      </Group>
      {board.data === undefined ? (
        board.isError ? <ErrorState error={board.error} onRetry={() => void board.refetch()} /> : <Skeleton h={44} />
      ) : unwell.length === 0 ? (
        <div className={classes.row}>
          <IconCircleCheck size={20} color="var(--mantine-color-teal-6)" aria-hidden />
          <Text c="dimmed" size="sm">
            {board.data.hasErrors ? t.allWell : t.emptyTitle}
          </Text>
        </div>
      ) : (
        unwell.slice(0, most).map((item) => (
          <Link
            key={`${item.flag} ${item.environment}`}
            to="/p/$org/$project/flags/$flag"
            params={{ ...scope, flag: item.flag }}
            search={(previous) => ({ ...previous, env: item.environment, tab: 'health' }) as never}
            className={classes.row}
          >
            <span style={{ flex: 1, minWidth: 0 }}>
              <Text span size="sm" fw={550} truncate display="block">
                {item.name || item.flag}
              </Text>
              <Text span size="xs" c="dimmed" truncate display="block">
                {item.environment} · {t.errors(item.errors)}
              </Text>
            </span>
            <HealthBadge state={item.state} />
          </Link>
        ))
      )}
      {rest > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {m.overview.more(rest)}
        </Text>
      )}
    </Paper>
  )
}
