import { ActionIcon, Alert, Button, Checkbox, Group, NumberInput, SegmentedControl, Select, Stack, Switch, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { useConfirm } from '@/shared/components/confirm'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { errorText, showDone } from '@/shared/components/feedback'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { durationText } from '@/shared/schedules/sentence'
import { configurationQuery } from '../api/configuration'
import { useRampActions, type RampStepBody } from './api'
import { presetSteps, type Preset } from './presets'
import { useRampMessages } from './texts/useRampMessages'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView; rule: string; onClose: () => void }

/** Starts a ramp: where, to what, in which steps, and what stops it. */
export function RampDialog({ scope, flag, environment, rule: first, onClose }: Props) {
  const m = useRampMessages()
  const { language } = useLanguage()
  const confirm = useConfirm()
  const { data } = useQuery(configurationQuery(scope, flag.key, environment.key))
  const { start } = useRampActions(scope, flag.key, environment.key)
  const [rule, setRule] = useState(first)
  const [to, setTo] = useState<string | null>(null)
  const [preset, setPreset] = useState<Preset>('normal')
  const [steps, setSteps] = useState<RampStepBody[]>(presetSteps.normal)
  const [guarded, setGuarded] = useState(true)
  const [increase, setIncrease] = useState<number | string>(50)
  const [limit, setLimit] = useState<number | string>('')
  const [least, setLeast] = useState<number | string>(100)
  const [metrics, setMetrics] = useState(true)
  const [rollsBack, setRollsBack] = useState(true)

  const rules = data?.body.rules ?? []
  const serve = rule === '' ? data?.body.default : rules.find(({ id }) => id === rule)?.then
  const served = serve !== undefined && 'variant' in serve ? serve.variant : undefined
  const target = to ?? flag.variants.find(({ key }) => key !== served)?.key ?? null
  const grows = steps.every(({ percentage }, index) => percentage > (steps[index - 1]?.percentage ?? 0) && percentage <= 100)
  const hold = steps.reduce((sum, { holdMinutes }) => sum + (holdMinutes ?? 0), 0)
  const change = (index: number, part: Partial<RampStepBody>) => {
    setPreset('own')
    setSteps((before) => before.map((step, at) => (at === index ? { ...step, ...part } : step)))
  }
  const ready = target !== null && steps.length > 0 && grows && (!guarded || increase !== '' || limit !== '' || metrics)

  const submit = async () => {
    if (!ready) {
      return
    }
    if (environment.critical && !(await confirm({ title: m.ramps.criticalTitle(environment.name), text: m.ramps.criticalText(environment.name, steps[0]?.percentage ?? 0), confirm: m.ramps.start }))) {
      return
    }
    start.mutate(
      {
        rule: rule === '' ? undefined : rule,
        to: target,
        steps,
        guard: guarded
          ? {
              maxIncrease: increase === '' ? undefined : Number(increase) / 100,
              maxErrorRate: limit === '' ? undefined : Number(limit) / 100,
              metrics,
              minEvaluations: Number(least) || 100,
              action: rollsBack ? 'rollBack' : 'pause',
            }
          : undefined,
      },
      {
        onSuccess: () => {
          showDone(m.ramps.started, m)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog opened onClose={onClose} size="lg" closeOnClickOutside={false} title={<Text fw={650}>{m.ramps.new}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Stack>
          <EnvironmentMark environment={environment} />
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <Select
              label={m.schedules.whichServe}
              allowDeselect={false}
              value={rule}
              onChange={(value) => value !== null && setRule(value)}
              data={[{ value: '', label: m.schedules.defaultServe }, ...rules.map((item, index) => ({ value: item.id, label: m.schedules.rule(item.name ?? String(index + 1)) }))]}
            />
            <Select label={m.ramps.to} description={served === undefined ? undefined : m.ramps.from(served)} inputWrapperOrder={['label', 'input', 'description']} allowDeselect={false} value={target} onChange={setTo} data={flag.variants.map(({ key }) => key)} />
          </Group>
          <SegmentedControl
            fullWidth
            aria-label={m.ramps.steps}
            value={preset}
            onChange={(value) => {
              setPreset(value as Preset)
              if (value !== 'own') {
                setSteps(presetSteps[value as Exclude<Preset, 'own'>])
              }
            }}
            data={(['careful', 'normal', 'fast', 'own'] as const).map((value) => ({ value, label: m.ramps.presets[value] }))}
          />
          <div style={{ overflowX: 'auto' }}>
            <Table aria-label={m.ramps.steps} verticalSpacing={4} miw={420}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{m.ramps.share}</Table.Th>
                  <Table.Th>{m.ramps.hold}</Table.Th>
                  <Table.Th>{m.ramps.gate}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{m.common.remove}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {steps.map((step, index) => (
                  <Table.Tr key={index}>
                    <Table.Td>
                      <NumberInput aria-label={m.ramps.shareOf(index + 1)} size="xs" w={110} min={0.01} max={100} decimalScale={2} suffix=" %" value={step.percentage} error={step.percentage <= (steps[index - 1]?.percentage ?? 0)} onChange={(value) => change(index, { percentage: Number(value) })} />
                    </Table.Td>
                    <Table.Td>
                      <NumberInput aria-label={m.ramps.holdOf(index + 1)} size="xs" w={110} min={0} max={129600} allowDecimal={false} value={step.holdMinutes ?? 0} onChange={(value) => change(index, { holdMinutes: Number(value) })} />
                    </Table.Td>
                    <Table.Td>
                      <Checkbox aria-label={m.ramps.gateOf(index + 1)} checked={step.gate ?? false} disabled={index === steps.length - 1} onChange={(event) => change(index, { gate: event.currentTarget.checked })} />
                    </Table.Td>
                    <Table.Td>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={m.ramps.removeStep(index + 1)}
                        disabled={steps.length === 1}
                        onClick={() => {
                          setPreset('own')
                          setSteps((before) => before.filter((_, at) => at !== index))
                        }}
                      >
                        <IconTrash size={16} aria-hidden />
                      </ActionIcon>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
          <Group justify="space-between">
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              disabled={steps.length >= 50 || (steps.at(-1)?.percentage ?? 0) >= 100}
              onClick={() => {
                setPreset('own')
                setSteps((before) => [...before, { percentage: 100, holdMinutes: 0, gate: false }])
              }}
            >
              {m.ramps.addStep}
            </Button>
            <Text size="sm" c="dimmed">
              {hold > 0 ? m.ramps.takes(durationText(hold, language), steps.some(({ gate }) => gate)) : null}
            </Text>
          </Group>
          <Switch label={m.ramps.guard} description={m.ramps.guardHint} checked={guarded} onChange={(event) => setGuarded(event.currentTarget.checked)} />
          {guarded && <Checkbox label={m.ramps.metrics} description={m.ramps.metricsHint} checked={metrics} onChange={(event) => setMetrics(event.currentTarget.checked)} />}
          {guarded && (
            <Group grow align="flex-end" preventGrowOverflow={false}>
              <NumberInput label={m.ramps.maxIncrease} min={0} max={10000} suffix=" %" value={increase} onChange={setIncrease} />
              <NumberInput label={m.ramps.maxErrorRate} min={0.01} max={99} decimalScale={2} suffix=" %" value={limit} onChange={setLimit} />
              <NumberInput label={m.ramps.minEvaluations} min={1} allowDecimal={false} value={least} onChange={setLeast} />
              <Select label={m.ramps.then} allowDeselect={false} value={rollsBack ? 'rollBack' : 'pause'} onChange={(value) => setRollsBack(value === 'rollBack')} data={[{ value: 'rollBack', label: m.ramps.deeds.rollback }, { value: 'pause', label: m.ramps.deeds.pause }]} />
            </Group>
          )}
          {start.error !== null && (
            <Alert color="red" variant="light" role="alert">
              {start.error instanceof ApiProblem && start.error.errors.length > 0 ? start.error.errors.map(({ message }) => message).join(' ') : errorText(start.error, m)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={start.isPending}>
              {m.ramps.start}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
