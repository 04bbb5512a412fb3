import { Button, Group, Paper, SegmentedControl, Select, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconCalendarClock, IconChevronLeft, IconChevronRight, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useEnvironments } from '@/shared/project/scope'
import { useTimeZone } from '@/shared/project/timeZone'
import type { TimelineLaneView } from '@/shared/schedules/api'
import { LaneLegend, Lanes } from '@/shared/schedules/Lanes'
import { useNow } from '@/shared/schedules/useNow'
import { hereZone, instantOf, localOf, zonedText } from '@/shared/schedules/zoned'
import { ActiveRamps } from './ActiveRamps'
import { Agenda } from './Agenda'
import { agendaOf } from './agendaItems'

const route = getRouteApi('/signedIn/p/$org/$project/schedules')
const days = { day: 1, week: 7, month: 30 }

/** What changes by itself in a project, over all flags and environments. */
export function SchedulesPage() {
  const m = useMessages()
  const { language } = useLanguage()
  const scope = route.useParams()
  const { org, project } = scope
  const { range = 'week', day, in: environment } = route.useSearch()
  const navigate = route.useNavigate()
  const { environments } = useEnvironments()
  const zone = useTimeZone() ?? hereZone()
  const now = useNow()
  const today = localOf(new Date(now), zone).slice(0, 10)
  const first = day ?? today
  const { from, to } = useMemo(() => {
    const start = new Date(`${first}T00:00:00Z`)
    const end = new Date(start.getTime() + days[range] * 86_400_000)
    const midnight = (date: Date) => (instantOf(`${date.toISOString().slice(0, 10)}T00:00`, zone) ?? date).toISOString()
    return { from: midnight(start), to: midnight(end) }
  }, [first, range, zone])
  const [typed, setTyped] = useState('')
  const [filter] = useDebouncedValue(typed.trim().toLowerCase(), 150)

  const timeline = useInfiniteQuery({
    queryKey: ['schedules', org, project, 'pages', from, to, environment],
    queryFn: ({ pageParam }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/schedules/timeline', {
          params: { path: { org, project }, query: { from, to, environment, after: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const all = useMemo(() => timeline.data?.pages.flatMap(({ lanes }) => lanes) ?? [], [timeline.data])
  const lanes = useMemo(() => all.filter(({ flag, flagName }) => filter === '' || flag.toLowerCase().includes(filter) || flagName.toLowerCase().includes(filter)), [all, filter])
  const agenda = useMemo(() => agendaOf(lanes, Math.max(Date.parse(from), now), Date.parse(to)), [lanes, from, to, now])
  const move = (steps: number) => {
    const next = new Date(new Date(`${first}T00:00:00Z`).getTime() + steps * days[range] * 86_400_000).toISOString().slice(0, 10)
    void navigate({ search: (previous) => ({ ...previous, day: next === today ? undefined : next }), replace: true })
  }
  const head = (lane: TimelineLaneView) => {
    const place = environments.find(({ key }) => key === lane.environment)
    return (
      <div style={{ minWidth: 0 }}>
        <Text component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: lane.flag } as never} search={{ tab: 'schedules', env: lane.environment } as never} size="sm" fw={550} c="var(--mantine-color-anchor)" truncate display="block">
          {lane.flagName || lane.flag}
        </Text>
        {place ? <EnvironmentMark environment={place} size="xs" /> : <Text size="xs">{lane.environment}</Text>}
      </div>
    )
  }

  return (
    <Stack p="md" maw={1280}>
      <div>
        <Title order={1} size="h3">
          {m.schedules.title}
        </Title>
        <Text c="dimmed">{m.schedules.subtitle}</Text>
      </div>
      <Group justify="space-between">
        <Group gap="xs">
          <SegmentedControl aria-label={m.schedules.range} value={range} onChange={(value) => void navigate({ search: (previous) => ({ ...previous, range: value === 'week' ? undefined : (value as 'day') }), replace: true })} data={(['day', 'week', 'month'] as const).map((value) => ({ value, label: m.schedules.ranges[value] }))} />
          <Button.Group>
            <Button variant="default" px="xs" aria-label={m.schedules.earlier} onClick={() => move(-1)}>
              <IconChevronLeft size={18} aria-hidden />
            </Button>
            <Button variant="default" disabled={first === today} onClick={() => void navigate({ search: (previous) => ({ ...previous, day: undefined }), replace: true })}>
              {m.schedules.today}
            </Button>
            <Button variant="default" px="xs" aria-label={m.schedules.later} onClick={() => move(1)}>
              <IconChevronRight size={18} aria-hidden />
            </Button>
          </Button.Group>
          <Text size="sm" fw={600}>
            {zonedText(from, zone, language, { day: 'numeric', month: 'short', year: 'numeric' })}
            {range !== 'day' && ` – ${zonedText(new Date(Date.parse(to) - 1), zone, language, { day: 'numeric', month: 'short', year: 'numeric' })}`}
          </Text>
        </Group>
        <Group gap="xs">
          <TextInput aria-label={m.schedules.filter} placeholder={m.schedules.filter} leftSection={<IconSearch size={16} aria-hidden />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
          <Select
            aria-label={m.app.environment}
            allowDeselect={false}
            value={environment ?? ''}
            onChange={(value) => void navigate({ search: (previous) => ({ ...previous, in: value === '' || value === null ? undefined : value }), replace: true })}
            data={[{ value: '', label: m.schedules.allEnvironments }, ...environments.map(({ key, name }) => ({ value: key, label: name }))]}
          />
        </Group>
      </Group>
      <ActiveRamps scope={scope} environment={environment} environments={environments} />
      {timeline.isError && timeline.data === undefined ? (
        <ErrorState error={timeline.error} onRetry={() => void timeline.refetch()} />
      ) : timeline.data === undefined ? (
        <Skeleton h={320} />
      ) : lanes.length === 0 ? (
        <Paper className="surface">
          {all.length === 0 ? <EmptyState icon={IconCalendarClock} title={m.schedules.emptyProjectTitle} text={m.schedules.emptyProjectText} /> : <EmptyState icon={IconSearch} title={m.schedules.emptyRange} />}
        </Paper>
      ) : (
        <>
          <Paper className="surface" p="md">
            <Lanes from={from} to={to} lanes={lanes} now={now} head={head} />
            <Group justify="space-between" mt="sm">
              <LaneLegend />
              {timeline.hasNextPage && (
                <Button variant="default" size="compact-sm" loading={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
                  {m.schedules.more}
                </Button>
              )}
            </Group>
            {lanes.some(({ isCut }) => isCut) && (
              <Text size="sm" c="dimmed" mt="xs">
                {m.schedules.cut}
              </Text>
            )}
          </Paper>
          <Agenda scope={scope} items={agenda} environments={environments} zone={zone} />
        </>
      )}
    </Stack>
  )
}
