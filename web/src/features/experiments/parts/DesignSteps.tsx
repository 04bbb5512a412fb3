import { ActionIcon, Anchor, Autocomplete, Button, Checkbox, Group, NumberInput, Radio, Select, Slider, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { variantColor } from '@/shared/components/variantColor'
import type { Scope } from '@/shared/project/scope'
import { ConditionEditor } from '@/shared/targeting/ConditionEditor'
import { useAttributeChoices } from '@/shared/targeting/useAttributeChoices'
import { holdoutsQuery, layersQuery, metricsQuery, type ExperimentView, type PlannedMetric } from '../api'
import { hasLooks, methods, usualLooks, variationsOf, type Design } from '../design'
import { useMessages } from '../texts/messages'
import { parseDays } from './numbers'
import { SplitPicture } from './SplitPicture'

type Props = { scope: Scope; experiment: ExperimentView; design: Design; change: (part: Partial<Design>) => void; variants: string[] }

const number = (set: (value: number) => void) => (value: number | string) => {
  if (typeof value === 'number') {
    set(value)
  }
}

export function HypothesisStep({ design, change }: Props) {
  const m = useMessages()
  const { x } = m
  return (
    <Stack>
      <TextInput label={m.common.name} maxLength={200} value={design.name} onChange={(event) => change({ name: event.currentTarget.value })} />
      <Textarea label={x.hypothesis} description={x.hypothesisHint} placeholder={x.hypothesisPlaceholder} autosize minRows={4} maxLength={10_000} value={design.hypothesis} onChange={(event) => change({ hypothesis: event.currentTarget.value })} />
      <Textarea label={x.description} autosize minRows={2} maxLength={10_000} value={design.description} onChange={(event) => change({ description: event.currentTarget.value })} />
    </Stack>
  )
}

export function VariantsStep({ experiment, design, change, variants }: Props) {
  const { x } = useMessages()
  const chosen = variationsOf(design)
  const set = (key: string, weight: number | null) => {
    const weights = { ...design.weights, [key]: weight }
    const left = Object.keys(weights).filter((name) => weights[name] !== null)
    change({ weights, control: left.includes(design.control) ? design.control : (left[0] ?? '') })
  }
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {x.flag}: {experiment.flagName}. {x.variantsHint}
      </Text>
      {variants.map((key, index) => {
        const weight = design.weights[key] ?? null
        return (
          <Group key={key} gap="sm" wrap="nowrap">
            <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: variantColor(index), flex: 'none' }} />
            <Checkbox label={key} aria-label={x.compares(key)} flex={1} miw={0} checked={weight !== null} onChange={(event) => set(key, event.currentTarget.checked ? 1 : null)} />
            <NumberInput aria-label={x.weight(key)} w={110} min={0} max={1_000_000} allowDecimal={false} disabled={weight === null} value={weight ?? ''} onChange={number((value) => set(key, value))} />
          </Group>
        )
      })}
      <Group justify="space-between" align="flex-end">
        <Select label={x.control} allowDeselect={false} value={design.control} onChange={(value) => change({ control: value ?? '' })} data={chosen.map(({ key }) => key)} />
        <Button variant="subtle" size="compact-sm" onClick={() => change({ weights: Object.fromEntries(Object.entries(design.weights).map(([key, weight]) => [key, weight === null ? null : 1])) })}>
          {x.evenly}
        </Button>
      </Group>
    </Stack>
  )
}

export function AudienceStep({ scope, experiment, design, change, variants }: Props) {
  const { x } = useMessages()
  const { data: layers = [] } = useQuery(layersQuery(scope))
  const { data: holdouts = [] } = useQuery(holdoutsQuery(scope))
  const attributes = useAttributeChoices(scope)
  const { layer } = design
  const chooseLayer = (key: string | null) => {
    if (key === null || key === '') {
      change({ layer: null })
      return
    }
    const taken = (layers.find((item) => item.key === key)?.experiments ?? []).filter((part) => part.environment === experiment.environment && part.experiment !== experiment.key)
    const from = taken.reduce((end, part) => (part.from <= end ? Math.max(end, part.to) : end), 0)
    const to = taken.filter((part) => part.from > from).reduce((end, part) => Math.min(end, part.from), 100)
    change({ layer: { key, from: from >= 100 ? 0 : from, to: from >= 100 ? 100 : to } })
  }
  return (
    <Stack>
      <Radio.Group label={x.audience} value={design.everybody ? 'all' : 'some'} onChange={(value) => change({ everybody: value === 'all' })}>
        <Stack gap={6} mt={6}>
          <Radio value="all" label={x.everybody} />
          <Radio value="some" label={x.some} />
        </Stack>
      </Radio.Group>
      {!design.everybody && <ConditionEditor root={design.root} onChange={(root) => change({ root })} />}
      <div>
        <Text size="sm" fw={500} id="traffic">
          {x.traffic}
        </Text>
        <Text size="xs" c="dimmed" mb={6}>
          {x.trafficHint}
        </Text>
        <Group wrap="nowrap">
          <Slider flex={1} min={0} max={100} label={null} thumbLabel={x.traffic} value={design.traffic} onChange={(traffic) => change({ traffic })} />
          <NumberInput aria-labelledby="traffic" w={110} min={0} max={100} decimalScale={2} suffix=" %" clampBehavior="strict" value={design.traffic} onChange={number((traffic) => change({ traffic }))} />
        </Group>
      </div>
      <SplitPicture layer={layer} holdout={holdouts.find(({ key }) => key === design.holdout)?.percentage ?? 0} traffic={design.traffic} variations={variationsOf(design)} order={variants} control={design.control} />
      <Group grow align="flex-start">
        <Select label={x.layer} description={x.layerHint} allowDeselect={false} value={layer?.key ?? ''} onChange={chooseLayer} data={[{ value: '', label: x.noLayer }, ...layers.map(({ key, name }) => ({ value: key, label: name }))]} />
        <Select label={x.holdout} description={x.holdoutHint} allowDeselect={false} value={design.holdout ?? ''} onChange={(value) => change({ holdout: value === '' ? null : value })} data={[{ value: '', label: x.noHoldout }, ...holdouts.map(({ key, name, percentage }) => ({ value: key, label: `${name} (${percentage} %)` }))]} />
      </Group>
      {layer !== null && (
        <Group grow>
          <NumberInput label={`${x.part}: ${x.from}`} min={0} max={100} decimalScale={2} suffix=" %" value={layer.from} onChange={number((from) => change({ layer: { ...layer, from } }))} />
          <NumberInput label={`${x.part}: ${x.to}`} min={0} max={100} decimalScale={2} suffix=" %" value={layer.to} onChange={number((to) => change({ layer: { ...layer, to } }))} />
        </Group>
      )}
      <Autocomplete label={x.unit} description={x.unitHint} placeholder={x.targetingKey} maw={420} value={design.bucketBy} onChange={(bucketBy) => change({ bucketBy })} data={attributes.map(({ name }) => name)} limit={20} />
    </Stack>
  )
}

export function MetricsStep({ scope, design, change }: Props) {
  const { x } = useMessages()
  const list = useInfiniteQuery(metricsQuery(scope, '', false))
  const catalogue = list.data?.pages.flatMap((page) => page.items) ?? []
  const { metrics } = design
  const set = (index: number, part: Partial<PlannedMetric>) => change({ metrics: metrics.map((item, i) => (i === index ? { ...item, ...part } : item)) })
  const left = catalogue.filter(({ key }) => metrics.every(({ metric }) => metric !== key))
  return (
    <Stack>
      {metrics.length === 0 && (
        <Text size="sm" c="dimmed">
          {x.noMetrics}
        </Text>
      )}
      {metrics.map(({ metric, role, minimumEffect, margin }, index) => {
        const name = catalogue.find(({ key }) => key === metric)?.name ?? metric
        return (
          <Group key={metric} gap="sm" align="flex-end" role="group" aria-label={name}>
            <Text size="sm" fw={550} flex="1 1 160px" style={{ overflowWrap: 'anywhere', alignSelf: 'center' }}>
              {name}
            </Text>
            <Select label={x.role} w={190} allowDeselect={false} value={role} onChange={(value) => value !== null && set(index, { role: value as PlannedMetric['role'], margin: value === 'guardrail' ? (margin ?? 0.01) : null })} data={(['primary', 'secondary', 'guardrail'] as const).map((value) => ({ value, label: x.roles[value] }))} />
            {role === 'guardrail' ? (
              <NumberInput label={x.margin} w={190} min={0} max={100} decimalScale={3} suffix=" %" value={(margin ?? 0) * 100} onChange={number((value) => set(index, { margin: Math.round(value * 1000) / 100_000 }))} />
            ) : (
              <NumberInput label={x.minimumEffect} w={190} min={0} max={1000} decimalScale={3} suffix=" %" value={minimumEffect === null || minimumEffect === undefined ? '' : minimumEffect * 100} onChange={(value) => set(index, { minimumEffect: typeof value === 'number' && value > 0 ? Math.round(value * 1000) / 100_000 : null })} />
            )}
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={x.remove(name)} onClick={() => change({ metrics: metrics.filter((_, i) => i !== index) })}>
              <IconX size={16} />
            </ActionIcon>
          </Group>
        )
      })}
      {catalogue.length === 0 && !list.isPending ? (
        <Text size="sm">
          {x.noCatalogue}{' '}
          <Anchor component={Link} to="/p/$org/$project/metrics" params={scope as never}>
            {x.openCatalogue}
          </Anchor>
        </Text>
      ) : (
        <Select
          aria-label={x.addMetric}
          placeholder={x.addMetric}
          searchable
          maw={420}
          value={null}
          onChange={(key) => key !== null && change({ metrics: [...metrics, { metric: key, role: metrics.some(({ role }) => role === 'primary') ? 'secondary' : 'primary', minimumEffect: null, margin: null }] })}
          data={left.map(({ key, name }) => ({ value: key, label: name === key ? key : `${name} (${key})` }))}
        />
      )}
    </Stack>
  )
}

export function PlanStep({ design, change }: Props) {
  const { x } = useMessages()
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {x.planFrozen}
      </Text>
      <Radio.Group label={x.method} value={design.method} onChange={(value) => change({ method: value as Design['method'], looks: usualLooks(value as Design['method']) })}>
        <Stack gap="xs" mt={6}>
          {methods.map((method) => (
            <Radio key={method} value={method} label={x.methods[method]} description={x.methodHints[method]} />
          ))}
        </Stack>
      </Radio.Group>
      {hasLooks(design.method) && (
        <TextInput label={x.looks} description={x.looksHint} maw={420} value={design.looks} error={parseDays(design.looks) === null ? x.looksInvalid : undefined} onChange={(event) => change({ looks: event.currentTarget.value })} />
      )}
      {design.method === 'bayesian' && (
        <Group grow>
          <NumberInput label={x.priorMean} description={x.percentOf} suffix=" %" decimalScale={2} value={design.priorMean} onChange={number((priorMean) => change({ priorMean }))} />
          <NumberInput label={x.priorDeviation} description={x.percentOf} suffix=" %" min={0.01} decimalScale={2} value={design.priorDeviation} onChange={number((priorDeviation) => change({ priorDeviation }))} />
        </Group>
      )}
      <Group grow align="flex-start">
        <NumberInput label={x.alpha} description={x.alphaHint} suffix=" %" min={0.01} max={50} decimalScale={2} value={design.alpha} onChange={number((alpha) => change({ alpha }))} />
        <NumberInput label={x.power} description={x.powerHint} suffix=" %" min={50} max={99.9} decimalScale={1} value={design.power} onChange={number((power) => change({ power }))} />
      </Group>
      <NumberInput label={x.minimumDays} description={x.minimumDaysHint} maw={420} min={0} max={365} allowDecimal={false} value={design.minimumDays} onChange={number((minimumDays) => change({ minimumDays }))} />
      <Group align="flex-end">
        <Checkbox label={x.cuped} description={x.cupedHint} checked={design.cuped} onChange={(event) => change({ cuped: event.currentTarget.checked })} flex={1} />
        {design.cuped && <NumberInput label={x.cupedDays} w={120} min={1} max={90} allowDecimal={false} value={design.cupedDays} onChange={number((cupedDays) => change({ cupedDays }))} />}
      </Group>
      <Group align="flex-start" grow>
        <TagsInput label={x.dimensions} description={x.dimensionsHint} maxTags={5} value={design.dimensions} onChange={(dimensions) => change({ dimensions })} />
        <Select label={x.stratifyBy} description={x.stratifyByHint} clearable disabled={design.dimensions.length === 0} value={design.stratifyBy !== null && design.dimensions.includes(design.stratifyBy) ? design.stratifyBy : null} onChange={(stratifyBy) => change({ stratifyBy })} data={design.dimensions} />
      </Group>
    </Stack>
  )
}
