import { Badge, Button, Group, Paper, Text, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconPlayerTrackNext, IconShieldCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { EnvironmentView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { durationText } from '@/shared/schedules/sentence'
import { rampQuery, useRampActions, type RampDeed, type RampView } from './api'
import classes from './Ramp.module.css'
import { RampChart } from './RampChart'
import { useRampMessages } from './texts/useRampMessages'

type Props = { scope: Scope; environment: EnvironmentView; ramp: RampView; place: string; mayManage: boolean }

const colors = { running: 'teal', waiting: 'orange', paused: 'orange', completed: 'gray', rolledBack: 'red', cancelled: 'gray' } as const
const icons = { pause: IconPlayerPause, resume: IconPlayerPlay, skip: IconPlayerTrackNext, approve: IconShieldCheck, rollback: IconArrowBackUp, cancel: IconX }
const deeds: Record<RampView['state'], RampDeed[]> = {
  running: ['pause', 'skip', 'rollback', 'cancel'],
  waiting: ['approve', 'pause', 'rollback', 'cancel'],
  paused: ['resume', 'rollback', 'cancel'],
  completed: [],
  rolledBack: [],
  cancelled: [],
}

/** One ramp: its steps, where it is, what was seen of it, and what can be done. */
export function RampCard({ scope, environment, ramp, place, mayManage }: Props) {
  const m = useRampMessages()
  const { language } = useLanguage()
  const confirm = useConfirm()
  const { move } = useRampActions(scope, ramp.flag, environment.key)
  const detail = useQuery({ ...rampQuery(scope, ramp), enabled: ramp.guard !== null })
  const isActive = ramp.endedAt === null

  const act = async (deed: RampDeed) => {
    const needsConfirmation = deed === 'rollback' || deed === 'cancel' || environment.critical
    if (needsConfirmation && !(await confirm({ title: m.ramps.confirm[deed], text: m.ramps.confirmText[deed](ramp.to), confirm: m.ramps.deeds[deed], danger: deed === 'rollback' || deed === 'cancel' }))) {
      return
    }
    move.mutate({ ramp, deed }, { onSuccess: () => showDone(m.ramps.moved[deed], m), onError: (error) => showError(m.errors.title, error, m) })
  }

  return (
    <Paper className="surface" p="md" component="article" aria-label={m.ramps.title(ramp.from, ramp.to)}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {m.ramps.title(ramp.from, ramp.to)}
            </Text>
            <Badge variant="light" color={colors[ramp.state]} tt="none">
              {m.ramps.states[ramp.state]}
            </Badge>
            {ramp.guard !== null && (
              <Tooltip label={m.ramps.guarded(ramp.guard.action === 'rollBack', ramp.guard.metrics ?? false)}>
                <Badge variant="default" tt="none" fw={500}>
                  {m.ramps.guard}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {place} · {ramp.startedBy?.name} <RelativeTime at={ramp.startedAt} />
          </Text>
        </div>
        <Text fw={700} size="xl" aria-label={m.ramps.now(ramp.percentage, ramp.to)}>
          {ramp.percentage} %
        </Text>
      </Group>
      <ol className={classes.steps} aria-label={m.ramps.steps}>
        {ramp.steps.map((step, index) => (
          <li key={index} className={classes.step} data-done={index < ramp.step || ramp.state === 'completed' || undefined} data-current={(index === ramp.step && isActive) || undefined} aria-current={index === ramp.step && isActive ? 'step' : undefined}>
            <b>{step.percentage} %</b>
            <span>
              {(step.holdMinutes ?? 0) > 0 ? durationText(step.holdMinutes ?? 0, language) : '\u00a0'}
              {step.gate && <IconShieldCheck size={13} aria-label={m.ramps.gate} />}
            </span>
          </li>
        ))}
      </ol>
      {ramp.detail !== null && (
        <Text size="sm" mt="xs" c={ramp.state === 'paused' || ramp.state === 'rolledBack' ? 'var(--mantine-color-error)' : undefined} style={{ overflowWrap: 'anywhere' }}>
          {ramp.detail}
        </Text>
      )}
      {ramp.holdUntil !== null && (
        <Text size="sm" c="dimmed" mt="xs">
          {m.ramps.nextStep} <RelativeTime at={ramp.holdUntil} />
        </Text>
      )}
      {ramp.state === 'waiting' && !ramp.mayPass && (
        <Text size="sm" c="dimmed" mt="xs">
          {m.ramps.waitsForOthers}
        </Text>
      )}
      {detail.data !== undefined && (
        <div style={{ marginTop: 12 }}>
          <RampChart detail={detail.data} />
        </div>
      )}
      {isActive && (
        <Group gap="xs" mt="md">
          {deeds[ramp.state]
            .filter((deed) => (deed === 'approve' ? ramp.mayPass : mayManage))
            .map((deed) => {
              const Icon = icons[deed]
              return (
                <Button key={deed} size="xs" variant={deed === 'approve' || deed === 'resume' ? 'filled' : 'default'} leftSection={<Icon size={15} aria-hidden />} loading={move.isPending && move.variables.deed === deed} onClick={() => void act(deed)}>
                  {m.ramps.deeds[deed]}
                </Button>
              )
            })}
        </Group>
      )}
    </Paper>
  )
}
