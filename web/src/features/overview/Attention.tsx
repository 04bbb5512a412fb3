import { Badge, Paper, Skeleton, Text, Title } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { findingText } from '@/shared/components/findingText'
import { LifecycleBadge } from '@/shared/components/LifecycleBadge'
import { flagListQuery, type FlagItem } from '@/shared/flags/flagList'
import { problemsQuery, type FlagProblems } from '@/shared/flags/problems'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import classes from './Overview.module.css'

const most = 8

const killedIn = (flag: FlagItem) => Object.entries(flag.environments).flatMap(([key, { killed }]) => (killed ? [key] : []))

type Entry = { flag: FlagItem; killed: string[]; problems: FlagProblems | undefined }

/** Flags that somebody should look at: killed ones first, then those with errors, with warnings, and stale ones. */
function entriesOf(flags: FlagItem[], problems: FlagProblems[]): Entry[] {
  const found = new Map(problems.map((item) => [item.key, item]))
  const rank = ({ killed, problems: problem }: Entry) => (killed.length > 0 ? 0 : problem?.worst.severity === 'error' ? 1 : problem !== undefined ? 2 : 3)
  return flags
    .filter((flag) => flag.archivedAt === null)
    .map((flag) => ({ flag, killed: killedIn(flag), problems: found.get(flag.key) }))
    .filter((entry) => rank(entry) < 3 || entry.flag.lifecycle.stage === 'stale')
    .toSorted((a, b) => rank(a) - rank(b) || b.flag.changedAt.localeCompare(a.flag.changedAt))
}

export function Attention({ scope }: { scope: Scope }) {
  const m = useMessages()
  const flags = useQuery(flagListQuery(scope))
  const problems = useQuery(problemsQuery(scope))
  const failed = (flags.isError && flags.data === undefined ? flags.error : null) ?? (problems.isError && problems.data === undefined ? problems.error : null)
  const entries = flags.data && problems.data ? entriesOf(flags.data.items, problems.data.items) : undefined
  const rest = (entries?.length ?? 0) - most
  return (
    <Paper className="surface" p="md">
      <Title order={2} size="h5" mb="xs">
        {m.overview.attention}
      </Title>
      {failed !== null ? (
        <ErrorState
          error={failed}
          onRetry={() => {
            void flags.refetch()
            void problems.refetch()
          }}
        />
      ) : (
        entries === undefined && <Skeleton h={120} />
      )}
      {entries?.length === 0 && (
        <div className={classes.row}>
          <IconCircleCheck size={20} color="var(--mantine-color-teal-6)" aria-hidden />
          <Text c="dimmed" size="sm">
            {m.overview.nothingToDo}
          </Text>
        </div>
      )}
      {entries?.slice(0, most).map(({ flag, killed, problems: found }) => (
        <Link
          key={flag.key}
          to="/p/$org/$project/flags/$flag"
          params={{ ...scope, flag: flag.key }}
          search={(previous) => ({ env: (killed.length > 0 ? undefined : found?.environments[0]) ?? previous.env })}
          className={classes.row}
        >
          <span style={{ flex: 1, minWidth: 0 }}>
            <Text span size="sm" fw={550} truncate display="block">
              {flag.name || flag.key}
            </Text>
            <Text span size="xs" c="dimmed" truncate display="block">
              {killed.length > 0
                ? m.overview.killedIn(killed.join(', '))
                : found !== undefined
                  ? `${findingText(found.worst, m)} ${m.overview.problemIn(found.environments.join(', '), found.count)}`
                  : flag.lifecycle.reasons.map((reason) => m.lifecycle.reasons[reason]).join(' ')}
            </Text>
          </span>
          {killed.length > 0 ? (
            <Badge color="red.9" variant="filled" tt="none" size="sm">
              {m.flags.killed}
            </Badge>
          ) : found !== undefined ? (
            <Badge color={found.worst.severity === 'error' ? 'red' : 'orange'} variant="light" tt="none" size="sm">
              {found.worst.severity === 'error' ? m.overview.error : m.overview.warning}
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
