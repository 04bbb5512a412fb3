import { Alert, Button, Checkbox, Group, NumberInput, Radio, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import type { Scope } from '@/shared/project/scope'
import { rulesQuery, useExperimentActions, type ExperimentView } from './api'
import { Checklist } from './parts/Checklist'
import { SplitPicture } from './parts/SplitPicture'
import { useMessages } from './texts/messages'

type Props = { scope: Scope; experiment: ExperimentView; onClose: () => void }

/** Starts an experiment, with the check-list and the place of its rule. */
export function StartDialog({ scope, experiment, onClose }: Props) {
  const m = useMessages()
  const { x } = m
  const { start } = useExperimentActions(scope)
  const { data: rules = [] } = useQuery(rulesQuery(scope, experiment.flag, experiment.environment))
  const [before, setBefore] = useState('')
  const [reason, setReason] = useState('')
  const run = () =>
    start.mutate(
      { key: experiment.key, body: { beforeRule: before || undefined, reason: reason.trim() || undefined } },
      {
        onSuccess: () => {
          showDone(x.started, m)
          onClose()
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  return (
    <Dialog opened onClose={onClose} size="lg" title={<Text fw={650}>{x.startTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <Stack>
        <Text size="sm">{x.startText(experiment.flagName, experiment.environment)}</Text>
        <Checklist scope={scope} experiment={experiment} beforeRule={before || undefined} />
        {rules.length > 0 && (
          <Select
            label={x.place}
            allowDeselect={false}
            value={before}
            onChange={(value) => setBefore(value ?? '')}
            data={[{ value: '', label: x.last }, ...rules.map(({ id, name }) => ({ value: id, label: x.before(name ?? id) }))]}
          />
        )}
        <TextInput label={x.reason} maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {m.common.cancel}
          </Button>
          <Button onClick={run} loading={start.isPending}>
            {x.start}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** Begins a phase with other traffic or weights. */
export function PhaseDialog({ scope, experiment, onClose }: Props) {
  const m = useMessages()
  const { x } = m
  const { phase } = useExperimentActions(scope)
  const [traffic, setTraffic] = useState(experiment.traffic)
  const [variations, setVariations] = useState(experiment.variations.map(({ key, weight }) => ({ key, weight })))
  const [reshuffle, setReshuffle] = useState(false)
  const [reason, setReason] = useState('')
  const changed = reshuffle || traffic !== experiment.traffic || variations.some(({ weight }, i) => weight !== experiment.variations[i]?.weight)
  const run = () =>
    phase.mutate(
      { key: experiment.key, body: { traffic, variations, reshuffle, reason: reason.trim() || undefined } },
      {
        onSuccess: () => {
          showDone(x.begun, m)
          onClose()
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  return (
    <Dialog opened onClose={onClose} size="lg" title={<Text fw={650}>{x.phaseTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <Stack>
        <Alert variant="light">{x.phaseText}</Alert>
        <NumberInput label={x.traffic} description={x.trafficHint} suffix=" %" min={0.01} max={100} decimalScale={2} value={traffic} onChange={(value) => typeof value === 'number' && setTraffic(value)} />
        <Group grow align="flex-end">
          {variations.map(({ key, weight }, index) => (
            <NumberInput
              key={key}
              label={x.weight(key)}
              min={0}
              max={1_000_000}
              allowDecimal={false}
              value={weight}
              onChange={(value) => typeof value === 'number' && setVariations(variations.map((item, i) => (i === index ? { ...item, weight: value } : item)))}
            />
          ))}
        </Group>
        <SplitPicture layer={experiment.layer} holdout={experiment.holdout?.percentage ?? 0} traffic={traffic} variations={variations} order={experiment.variations.map(({ key }) => key)} control={experiment.control} />
        <Checkbox label={x.reshuffle} description={x.reshuffleHint} checked={reshuffle} onChange={(event) => setReshuffle(event.currentTarget.checked)} />
        <TextInput label={x.reason} maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {m.common.cancel}
          </Button>
          <Button onClick={run} disabled={!changed} loading={phase.isPending}>
            {x.begin}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** Decides an experiment, with a reason, and ships the winner. */
export function DecideDialog({ scope, experiment, onClose }: Props) {
  const m = useMessages()
  const { x } = m
  const { decide } = useExperimentActions(scope)
  const others = experiment.variations.filter(({ key }) => key !== experiment.control)
  const [decision, setDecision] = useState<'ship' | 'rollBack' | 'inconclusive'>(experiment.mayServe ? 'ship' : 'rollBack')
  const [ship, setShip] = useState<string | null>(others[0]?.key ?? null)
  const [keepHoldout, setKeepHoldout] = useState(true)
  const [reason, setReason] = useState('')
  const run = () =>
    decide.mutate(
      { key: experiment.key, body: { decision, reason: reason.trim(), ship: decision === 'ship' ? ship : undefined, keepHoldout } },
      {
        onSuccess: () => {
          showDone(x.decided, m)
          onClose()
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  return (
    <Dialog opened onClose={onClose} size="lg" title={<Text fw={650}>{x.decideTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          run()
        }}
      >
        <Stack>
          <Radio.Group label={x.outcome} value={decision} onChange={(value) => setDecision(value as typeof decision)}>
            <Stack gap="xs" mt={6}>
              {(['ship', 'rollBack', 'inconclusive'] as const).map((value) => (
                <Radio key={value} value={value} label={x.outcomes[value]} description={x.decisionHints[value]} disabled={value === 'ship' && !experiment.mayServe} />
              ))}
            </Stack>
          </Radio.Group>
          {decision === 'ship' && (
            <>
              <Select label={x.shipWhat} allowDeselect={false} value={ship} onChange={setShip} data={experiment.variations.map(({ key, name }) => ({ value: key, label: name === '' || name === key ? key : `${name} (${key})` }))} />
              {experiment.holdout !== null && (
                <Checkbox label={x.keepHoldout} description={x.keepHoldoutHint} checked={keepHoldout} onChange={(event) => setKeepHoldout(event.currentTarget.checked)} />
              )}
            </>
          )}
          <Textarea label={x.why} placeholder={x.whyPlaceholder} required withAsterisk={false} autosize minRows={3} maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={reason.trim() === '' || (decision === 'ship' && ship === null)} loading={decide.isPending}>
              {x.outcomes[decision]}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** Says who always gets a variant. */
export function TestersDialog({ scope, experiment, onClose }: Props) {
  const m = useMessages()
  const { x } = m
  const { override } = useExperimentActions(scope)
  const [lists, setLists] = useState<Record<string, string>>(Object.fromEntries(experiment.overrides.map(({ variant, keys }) => [variant, keys.join('\n')])))
  const run = () =>
    override.mutate(
      {
        key: experiment.key,
        body: {
          overrides: experiment.variations
            .map(({ key }) => ({ variant: key, keys: (lists[key] ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '') }))
            .filter(({ keys }) => keys.length > 0),
        },
      },
      {
        onSuccess: () => {
          showDone(x.testersSaved, m)
          onClose()
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  return (
    <Dialog opened onClose={onClose} title={<Text fw={650}>{x.testers}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <Stack>
        <Text size="sm">{x.testersHint}</Text>
        {experiment.variations.map(({ key }) => (
          <Textarea
            key={key}
            label={x.testersOf(key)}
            placeholder={x.testersPlaceholder}
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            value={lists[key] ?? ''}
            onChange={(event) => setLists({ ...lists, [key]: event.currentTarget.value })}
          />
        ))}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {m.common.cancel}
          </Button>
          <Button onClick={run} loading={override.isPending}>
            {x.save}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
