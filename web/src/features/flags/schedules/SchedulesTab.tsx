import { Alert, Badge, Button, Group, Paper, Skeleton, Stack, Text, Title, Tooltip } from '@mantine/core'
import { IconCalendarClock, IconCalendarPlus, IconSkull } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { may, meQuery } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { timelineQuery, type FlagSchedulesView, type ScheduleView } from '@/shared/schedules/api'
import { LaneLegend, Lanes } from '@/shared/schedules/Lanes'
import { useNow } from '@/shared/schedules/useNow'
import { Ramps } from '../ramps/Ramps'
import { schedulesQuery } from './api'
import { ScheduleCard } from './ScheduleCard'
import { ScheduleDialog } from './ScheduleDialog'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView }

const over = new Set(['done', 'missed', 'failed'])

/** What changes a flag by itself in an environment: schedules, what they make of it, and the days to come. */
export default function SchedulesTab({ scope, flag, environment }: Props) {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const schedules = useQuery(schedulesQuery(scope, flag.key, environment.key))
  const [editing, setEditing] = useState<ScheduleView | 'new' | null>(null)
  const mayManage = may(me, 'schedule.manage', { ...scope, environment: environment.key })
  const state = flag.environments[environment.key]

  if (schedules.data === undefined) {
    return schedules.isError ? <ErrorState error={schedules.error} onRetry={() => void schedules.refetch()} /> : <Skeleton h={320} />
  }
  const { data } = schedules
  const coming = data.items.filter(({ state }) => !over.has(state))
  const past = data.items.filter(({ state }) => over.has(state))
  const create = (
    <Tooltip label={mayManage ? m.schedules.archived : m.schedules.mayNot(environment.name)} disabled={mayManage && flag.archivedAt === null}>
      <Button leftSection={<IconCalendarPlus size={18} aria-hidden />} aria-disabled={!mayManage || flag.archivedAt !== null} data-disabled={!mayManage || flag.archivedAt !== null || undefined}
        onClick={() => mayManage && flag.archivedAt === null && setEditing('new')}>
        {m.schedules.new}
      </Button>
    </Tooltip>
  )
  return (
    <Stack>
      {state?.killed && (
        <Alert color="red" variant="light" icon={<IconSkull />}>
          {m.schedules.killed}
        </Alert>
      )}
      {flag.archivedAt !== null && data.items.length > 0 && <Alert color="gray">{m.schedules.archived}</Alert>}
      {data.items.length === 0 ? (
        <Paper className="surface">
          <EmptyState icon={IconCalendarClock} title={m.schedules.emptyTitle} text={m.schedules.emptyText(environment.name)}>
            {create}
          </EmptyState>
        </Paper>
      ) : (
        <>
          <Group justify="space-between" align="flex-start">
            <Now data={data} />
            {create}
          </Group>
          {coming.length > 0 && flag.archivedAt === null && <Ahead scope={scope} flag={flag.key} environment={environment.key} />}
          <Stack gap="xs">
            {coming.map((schedule) => (
              <ScheduleCard key={schedule.id} scope={scope} environment={environment} schedule={schedule} decides={schedule.id === data.openSchedule} mayManage={mayManage} onEdit={() => setEditing(schedule)} />
            ))}
          </Stack>
          {past.length > 0 && (
            <Stack gap="xs">
              <Title order={2} size="h5" mt="sm">
                {m.schedules.over}
              </Title>
              {past.map((schedule) => (
                <ScheduleCard key={schedule.id} scope={scope} environment={environment} schedule={schedule} decides={false} mayManage={mayManage} onEdit={() => setEditing(schedule)} />
              ))}
            </Stack>
          )}
        </>
      )}
      <Ramps scope={scope} flag={flag} environment={environment} />
      {editing !== null && (
        <ScheduleDialog scope={scope} flag={flag} environment={environment} schedule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Stack>
  )
}

/** What the flag is now, why, and what comes next. */
function Now({ data }: { data: FlagSchedulesView }) {
  const m = useMessages()
  const open = data.items.find(({ id }) => id === data.openSchedule)
  return (
    <div>
      <Group gap={8}>
        <Badge variant="light" color={data.enabled ? 'teal' : 'gray'} tt="none" size="lg">
          {m.schedules.now(data.enabled)}
        </Badge>
        {open && <Text size="sm">{m.schedules.because(open.name)}</Text>}
      </Group>
      <Text size="sm" mt={6}>
        {data.next === null ? (
          <Text span c="dimmed">
            {m.schedules.nothingNext}
          </Text>
        ) : (
          <>
            {m.schedules.next}: <b>{m.schedules.nextChange(data.next.enabled, data.next.configures)}</b> <RelativeTime at={data.next.at} />
          </>
        )}
      </Text>
      {data.openSchedule !== null && (
        <Text size="sm" c="dimmed" maw={640}>
          {m.schedules.outside(data.baseEnabled)} {m.schedules.manual}
        </Text>
      )}
    </div>
  )
}

/** The two weeks to come. */
function Ahead({ scope, flag, environment }: { scope: Scope; flag: string; environment: string }) {
  const m = useMessages()
  const now = useNow()
  // From the full hour, so that the question stays the same for a while.
  const from = new Date(Math.floor(now / 3_600_000) * 3_600_000)
  const range = { from: from.toISOString(), to: new Date(from.getTime() + 14 * 86_400_000).toISOString() }
  const timeline = useQuery(timelineQuery(scope, { ...range, flag, environment }))
  if (timeline.data === undefined) {
    return <Skeleton h={110} />
  }
  return timeline.data.lanes.length === 0 ? null : (
    <Paper className="surface" p="md">
      <Title order={2} size="h5" mb="xs">
        {m.schedules.timeline}
      </Title>
      <Lanes {...range} lanes={timeline.data.lanes} now={now} />
      <div style={{ marginTop: 10 }}>
        <LaneLegend />
      </div>
    </Paper>
  )
}
