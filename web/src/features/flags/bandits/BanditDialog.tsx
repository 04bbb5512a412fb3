import { Alert, Button, Checkbox, Collapse, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconChevronDown, IconInfoCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { configurationQuery } from '../api/configuration'
import { rewardMetricsQuery, useAlgorithmActions, type AlgorithmView } from './api'
import { ContextFields } from './ContextFields'
import { draftOf, faultsOf, forgets, isLinear, kinds, newDraft, requestOf, settingsOf, shownLimits, type Draft, type Setting } from './draft'
import { useBanditTexts } from './texts/useBanditTexts'

const GuardLine = lazy(() => import('@/shared/changes/GuardLine'))

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView; algorithm: AlgorithmView | null; onClose: () => void }

/** Starts an algorithm, or changes it. What happens then is said before. */
export function BanditDialog({ scope, flag, environment, algorithm, onClose }: Props) {
  const m = useMessages()
  const t = useBanditTexts()
  const { language } = useLanguage()
  const { put } = useAlgorithmActions(scope, flag.key, environment.key)
  const { data: configuration } = useQuery(configurationQuery(scope, flag.key, environment.key))
  const [draft, setDraft] = useState<Draft>(() => (algorithm === null ? newDraft(flag.variants.map(({ key }) => key)) : draftOf(algorithm)))
  const { data: metrics } = useQuery({ ...rewardMetricsQuery(scope), enabled: draft.source === 'metric' })
  const [more, setMore] = useState(false)
  const set = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }))
  const faults = faultsOf(draft)
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 6 })
  const rules = configuration?.body.rules ?? []
  const places = [{ value: '', label: t.theDefault }, ...rules.map(({ id, name }, i) => ({ value: id ?? '', label: t.rule(name || String(i + 1)) })).filter(({ value }) => value !== '')]
  const place = places.find(({ value }) => value === draft.rule)?.label ?? draft.rule
  const settings = settingsOf(draft.kind)
  const field = (setting: Setting) => {
    const { name } = setting
    const [label, hint] = t.settings[name]
    const { min, max, initial } = shownLimits(setting)
    return (
      <NumberInput
        key={name}
        label={label}
        description={`${hint ?? ''} ${t.range(number.format(min), number.format(max))}`}
        min={min}
        max={max}
        clampBehavior="none"
        allowDecimal={setting.is !== 'whole'}
        suffix={setting.is === 'share' ? ' %' : undefined}
        value={draft.settings[name] ?? initial}
        onChange={(value) => set({ settings: { ...draft.settings, [name]: value } })}
        error={faults.has(name) ? (name === 'floor' && Number(draft.settings.floor) <= max ? t.floorFault : t.range(number.format(min), number.format(max))) : undefined}
      />
    )
  }
  const own = settings.filter(({ kinds: some }) => some !== undefined)
  const common = settings.filter(({ kinds: some, name }) => some === undefined && name !== 'coldStart')
  const coldStart = settings.filter(({ name }) => name === 'coldStart')
  const chooseKind = (kind: Draft['kind']) => {
    const kept = settingsOf(kind).map(({ name }) => name)
    set({ kind, settings: Object.fromEntries(Object.entries(draft.settings).filter(([name]) => kept.includes(name as Setting['name']))) })
  }
  const submit = () =>
    put.mutate(
      { version: algorithm?.version, body: requestOf(draft, algorithm?.paused) },
      {
        onSuccess: () => {
          showDone(algorithm === null ? t.started : t.saved, m)
          onClose()
        },
      },
    )

  return (
    <Dialog opened size="lg" onClose={onClose} closeButtonProps={{ 'aria-label': m.common.close }} title={<Text fw={650} style={{ overflowWrap: 'anywhere' }}>{t.startTitle(flag.name || flag.key, environment.name)}</Text>}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (faults.size === 0) {
            submit()
          }
        }}
      >
        <Stack>
          <Select
            label={t.kind}
            description={t.kindHints[draft.kind]}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            allowDeselect={false}
            value={draft.kind}
            onChange={(value) => value !== null && chooseKind(value as Draft['kind'])}
            data={kinds.map((value) => ({ value, label: t.kinds[value] }))}
            data-autofocus
          />
          <Select label={t.place} allowDeselect={false} value={draft.rule} onChange={(value) => set({ rule: value ?? '' })} data={places} />
          <Checkbox.Group label={t.arms} description={t.armsHint} value={draft.arms} onChange={(arms) => set({ arms: flag.variants.map(({ key }) => key).filter((key) => arms.includes(key)) })} error={faults.has('arms') ? t.armsFault : undefined}>
            <Group mt="xs" gap="md">
              {flag.variants.map(({ key, name }) => (
                <Checkbox key={key} value={key} label={name || key} />
              ))}
            </Group>
          </Checkbox.Group>
          <Select
            label={t.source}
            description={t.sourceHints[draft.source]}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            allowDeselect={false}
            value={draft.source}
            onChange={(value) => set({ source: (value ?? 'outcome') as Draft['source'] })}
            data={(['outcome', 'value', 'metric'] as const).map((value) => ({ value, label: t.sources[value] }))}
          />
          {draft.source === 'metric' && (
            <Group grow align="flex-start" preventGrowOverflow={false}>
              <Select label={t.metric} searchable nothingFoundMessage={t.noMetrics} value={draft.metric || null} onChange={(metric) => set({ metric: metric ?? '' })} data={(metrics ?? []).map(({ key, name }) => ({ value: key, label: name || key }))} />
              <NumberInput label={t.window} description={t.windowHint} min={1} max={43_200} clampBehavior="none" allowDecimal={false} value={draft.window} onChange={(window) => set({ window })} error={faults.has('window') || undefined} />
            </Group>
          )}
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <NumberInput label={t.holdout} description={t.holdoutHint} min={0} max={50} clampBehavior="none" decimalScale={2} suffix=" %" value={draft.holdout} onChange={(holdout) => set({ holdout })} error={faults.has('holdout') || undefined} />
            {coldStart.map(field)}
          </Group>
          {isLinear(draft.kind) && <ContextFields context={draft.context} faults={faults} onChange={(context) => set({ context })} />}
          <Button type="button" variant="subtle" size="compact-sm" style={{ alignSelf: 'flex-start' }} aria-expanded={more} rightSection={<IconChevronDown size={14} aria-hidden />} onClick={() => setMore(!more)}>
            {t.more}
          </Button>
          <Collapse expanded={more}>
            <Stack>
              <Group grow align="flex-start" preventGrowOverflow={false}>
                {own.map(field)}
              </Group>
              <Group grow align="flex-start" preventGrowOverflow={false}>
                {common.map(field)}
              </Group>
              <Group grow align="flex-start" preventGrowOverflow={false}>
                <NumberInput label={t.interval} description={t.intervalHint} min={1} max={86_400} clampBehavior="none" allowDecimal={false} value={draft.interval} onChange={(interval) => set({ interval })} error={faults.has('interval') || undefined} />
                <TextInput label={t.bucketBy} description={t.bucketByHint} maxLength={100} value={draft.bucketBy} onChange={(event) => set({ bucketBy: event.currentTarget.value })} />
              </Group>
              {!isLinear(draft.kind) && <ContextFields context={draft.context} faults={faults} onChange={(context) => set({ context })} />}
            </Stack>
          </Collapse>
          <TextInput label={t.reason} maxLength={1000} value={draft.reason} onChange={(event) => set({ reason: event.currentTarget.value })} />
          <Alert color="blue" icon={<IconInfoCircle aria-hidden />} title={t.whatHappens} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
            <Stack gap={4}>
              <Text size="sm">{t.willServe(place, draft.arms.join(', '), environment.name)}</Text>
              {algorithm === null ? (
                <Text size="sm">{t.willBeEqual(number.format(Number(draft.settings.coldStart ?? 50)))}</Text>
              ) : (
                <Text size="sm" fw={forgets(algorithm, draft) ? 650 : undefined}>{forgets(algorithm, draft) ? t.willForget : t.willKeep}</Text>
              )}
              <Text size="sm">{t.willReturn}</Text>
              <Suspense>
                <GuardLine scope={scope} environment={environment.key} tags={flag.tags} />
              </Suspense>
            </Stack>
          </Alert>
          {put.isError && (
            <Alert color="red" icon={<IconAlertTriangle aria-hidden />}>
              {errorText(put.error, m)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={faults.size > 0} loading={put.isPending}>
              {algorithm === null ? t.startNow : t.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
