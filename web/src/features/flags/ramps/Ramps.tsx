import { Button, Group, Paper, Stack, Text, Title, Tooltip } from '@mantine/core'
import { IconStairsUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { may, meQuery } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { configurationQuery } from '../api/configuration'
import { rampsQuery } from './api'
import { RampCard } from './RampCard'
import { RampDialog } from './RampDialog'
import { useRampMessages } from './texts/useRampMessages'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView }

/** The progressive rollouts of a flag in an environment. */
export function Ramps({ scope, flag, environment }: Props) {
  const m = useRampMessages()
  const navigate = useNavigate()
  const { ramp: wanted } = useSearch({ strict: false }) as { ramp?: string }
  const { data: me } = useQuery(meQuery)
  const { data: ramps = [] } = useQuery(rampsQuery(scope, flag.key, environment.key))
  const { data } = useQuery(configurationQuery(scope, flag.key, environment.key))
  const [opened, setOpened] = useState(false)
  const where = { ...scope, environment: environment.key }
  const mayManage = may(me, 'schedule.manage', where) && may(me, 'flag.manage', where)
  const state = flag.environments[environment.key]
  const isOn = state !== undefined && state.enabled && !state.killed && flag.archivedAt === null
  const hindrance = !mayManage ? m.schedules.mayNot(environment.name) : !isOn ? m.ramps.off : null
  const active = ramps.filter(({ endedAt }) => endedAt === null)
  const ended = ramps.filter(({ endedAt }) => endedAt !== null)
  const placeOf = (rule: string | null) => {
    const index = data?.body.rules.findIndex(({ id }) => id === rule) ?? -1
    return rule === null ? m.schedules.defaultServe : m.schedules.rule(data?.body.rules[index]?.name ?? (index < 0 ? rule : String(index + 1)))
  }
  const close = () => {
    setOpened(false)
    void navigate({ to: '.', search: (previous: Record<string, unknown>) => ({ ...previous, ramp: undefined }), replace: true } as never)
  }

  return (
    <Stack gap="xs" component="section" aria-label={m.ramps.heading}>
      <Group justify="space-between">
        <div>
          <Title order={2} size="h4">
            {m.ramps.heading}
          </Title>
          <Text size="sm" c="dimmed" maw={640}>
            {m.ramps.subtitle}
          </Text>
        </div>
        <Tooltip label={hindrance ?? ''} disabled={hindrance === null}>
          <Button variant="default" leftSection={<IconStairsUp size={18} aria-hidden />} aria-disabled={hindrance !== null} data-disabled={hindrance !== null || undefined} onClick={() => hindrance === null && setOpened(true)}>
            {m.ramps.new}
          </Button>
        </Tooltip>
      </Group>
      {active.map((ramp) => (
        <RampCard key={ramp.id} scope={scope} environment={environment} ramp={ramp} place={placeOf(ramp.rule)} mayManage={mayManage} />
      ))}
      {ended.length > 0 && (
        <details>
          <summary>{m.ramps.ended(ended.length)}</summary>
          <Stack gap="xs" mt="xs">
            {ended.slice(0, 10).map((ramp) => (
              <RampCard key={ramp.id} scope={scope} environment={environment} ramp={ramp} place={placeOf(ramp.rule)} mayManage={false} />
            ))}
          </Stack>
        </details>
      )}
      {ramps.length === 0 && (
        <Paper className="surface" p="md">
          <Text size="sm" c="dimmed">
            {m.ramps.empty}
          </Text>
        </Paper>
      )}
      {(opened || wanted !== undefined) && hindrance === null && <RampDialog scope={scope} flag={flag} environment={environment} rule={wanted === undefined || wanted === 'default' ? '' : wanted} onClose={close} />}
    </Stack>
  )
}
