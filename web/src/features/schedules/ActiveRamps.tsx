import { Badge, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client, unwrap } from '@/shared/api/client'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useMessages } from './texts/messages'

type Props = { scope: Scope; environment: string | undefined; environments: EnvironmentView[] }

/** Ramps that go on, over all flags: how far each is and when it goes on. Nothing where there are none. */
export function ActiveRamps({ scope, environment, environments }: Props) {
  const m = useMessages()
  const t = m.activeRamps
  const { language } = useLanguage()
  const { org, project } = scope
  const ramps = useQuery({
    queryKey: ['ramps', org, project, 'active', environment],
    queryFn: ({ signal }) => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/ramps', { params: { path: { org, project }, query: { environment } }, signal })),
    refetchInterval: 30_000,
  })
  if (ramps.data === undefined || ramps.data.items.length === 0) {
    return null
  }
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  return (
    <Paper className="surface" p="md" component="section" aria-label={t.title}>
      <Title order={2} size="h5" mb="sm">
        {t.title}
      </Title>
      <Stack gap="md">
        {ramps.data.items.map(({ flagName, ramp }) => {
          const place = environments.find(({ key }) => key === ramp.environment)
          return (
            <div key={ramp.id}>
              <Group justify="space-between" gap="xs" mb={4}>
                <Group gap="xs" style={{ minWidth: 0 }}>
                  <Text
                    component={Link}
                    to="/p/$org/$project/flags/$flag"
                    params={{ ...scope, flag: ramp.flag } as never}
                    search={{ tab: 'schedules', env: ramp.environment, ramp: ramp.id } as never}
                    size="sm"
                    fw={550}
                    c="var(--mantine-color-anchor)"
                    truncate
                  >
                    {flagName || ramp.flag}
                  </Text>
                  {place ? <EnvironmentMark environment={place} size="xs" /> : <Text size="xs">{ramp.environment}</Text>}
                  <Badge size="sm" variant="light" tt="none" color={ramp.state === 'running' ? 'teal' : 'orange'}>
                    {t.states[ramp.state]}
                  </Badge>
                </Group>
                <Text size="xs" c="dimmed">
                  {t.now(percent.format(ramp.percentage / 100), ramp.to)} · {t.place(ramp.step + 1, ramp.steps.length)}
                  {ramp.holdUntil !== null && (
                    <>
                      {' '}
                      · {t.next} <RelativeTime at={ramp.holdUntil} />
                    </>
                  )}
                </Text>
              </Group>
              <Progress value={ramp.percentage} size="sm" aria-label={t.now(percent.format(ramp.percentage / 100), ramp.to)} />
            </div>
          )
        })}
      </Stack>
      {ramps.data.hasMore && (
        <Text size="sm" c="dimmed" mt="sm">
          {t.more}
        </Text>
      )}
    </Paper>
  )
}
