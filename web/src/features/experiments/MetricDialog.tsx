import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { showDone, showError } from '@/shared/components/feedback'
import { isSegmentKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { SideDialog } from '@/shared/components/SideDialog'
import type { Scope } from '@/shared/project/scope'
import { useMetricActions, type MetricView } from './api'
import { MetricPreview } from './MetricPreview'
import { draftOf, hasOutliers, kinds, looksAtValue, operators, toDefinition, type FilterDraft, type MetricDraft } from './metricDraft'
import { useMessages } from './texts/messages'

type Props = { scope: Scope; metric?: MetricView; onClose: () => void }

/** Makes a metric, or changes one. */
export function MetricDialog({ scope, metric, onClose }: Props) {
  const m = useMessages()
  const { x } = m
  const { create, update } = useMetricActions(scope)
  const [identity, setIdentity] = useState({ name: metric?.name ?? '', key: metric?.key ?? '' })
  const [description, setDescription] = useState(metric?.description ?? '')
  const [draft, setDraft] = useState<MetricDraft>(() => draftOf(metric?.definition))
  const change = (part: Partial<MetricDraft>) => setDraft((before) => ({ ...before, ...part }))
  const defined = draft.event.trim() !== '' && (draft.kind !== 'ratio' || draft.denominatorEvent.trim() !== '')
  const ready = isSegmentKey(identity.key) && defined
  const options = {
    onSuccess: (saved: MetricView) => {
      showDone(metric === undefined ? x.metricCreated(saved.name) : x.metricSaved(saved.name), m)
      onClose()
    },
    onError: (error: unknown) => showError(x.saveFailed, error, m),
  }
  const submit = () => {
    const body = { name: identity.name.trim() || identity.key, description: description.trim(), definition: toDefinition(draft) }
    if (metric === undefined) {
      create.mutate({ ...body, key: identity.key }, options)
    } else {
      update.mutate({ key: metric.key, body }, options)
    }
  }
  const number = (set: (value: number) => void) => (value: number | string) => typeof value === 'number' && set(value)
  return (
    <SideDialog opened onClose={onClose} position="right" size="lg" title={<Text fw={650}>{metric === undefined ? x.newMetric : x.editMetric}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          {metric === undefined ? (
            <NameAndKey value={identity} onChange={setIdentity} isKey={isSegmentKey} keyHint={m.common.keyInvalid} longestKey={100} />
          ) : (
            <TextInput label={m.common.name} value={identity.name} maxLength={200} data-autofocus onChange={(event) => setIdentity({ ...identity, name: event.currentTarget.value })} />
          )}
          <Textarea label={x.description} autosize minRows={2} maxLength={10_000} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Select label={x.kind} description={x.kindHints[draft.kind]} allowDeselect={false} value={draft.kind} onChange={(value) => value !== null && change({ kind: value as MetricDraft['kind'] })} data={kinds.map((value) => ({ value, label: x.kinds[value] }))} />
          <TextInput label={x.event} description={x.eventHint} required withAsterisk={false} maxLength={200} spellCheck={false} classNames={{ input: 'mono' }} value={draft.event} onChange={(event) => change({ event: event.currentTarget.value })} />
          {draft.kind === 'ratio' && (
            <Select label={x.numerator} allowDeselect={false} value={draft.numerator} onChange={(value) => change({ numerator: value as 'count' })} data={(['count', 'sum'] as const).map((value) => ({ value, label: x.aggregations[value] }))} />
          )}
          {looksAtValue(draft) && <TextInput label={x.value} description={x.valueHint} maxLength={200} spellCheck={false} classNames={{ input: 'mono' }} value={draft.value} onChange={(event) => change({ value: event.currentTarget.value })} />}
          <Filters label={x.filters} filters={draft.filters} onChange={(filters) => change({ filters })} />
          {draft.kind === 'ratio' && (
            <>
              <TextInput label={x.denominator} required withAsterisk={false} maxLength={200} spellCheck={false} classNames={{ input: 'mono' }} value={draft.denominatorEvent} onChange={(event) => change({ denominatorEvent: event.currentTarget.value })} />
              <Select label={x.below} allowDeselect={false} value={draft.denominator} onChange={(value) => change({ denominator: value as 'count' })} data={(['count', 'sum'] as const).map((value) => ({ value, label: x.aggregations[value] }))} />
              {draft.denominator === 'sum' && <TextInput label={x.denominatorValue} description={x.valueHint} maxLength={200} spellCheck={false} classNames={{ input: 'mono' }} value={draft.denominatorValue} onChange={(event) => change({ denominatorValue: event.currentTarget.value })} />}
              <Filters label={x.filtersBelow} filters={draft.denominatorFilters} onChange={(denominatorFilters) => change({ denominatorFilters })} />
            </>
          )}
          {draft.kind === 'quantile' && <NumberInput label={x.quantile} min={0.01} max={0.99} step={0.01} decimalScale={2} value={draft.quantile} onChange={number((quantile) => change({ quantile }))} />}
          {draft.kind === 'retention' ? (
            <Group grow>
              <NumberInput label={x.fromDay} min={1} max={365} allowDecimal={false} value={draft.fromDay} onChange={number((fromDay) => change({ fromDay }))} />
              <NumberInput label={x.toDay} min={1} max={365} allowDecimal={false} value={draft.toDay} onChange={number((toDay) => change({ toDay }))} />
            </Group>
          ) : (
            <NumberInput label={x.window} description={x.windowHint} min={1} max={8760} allowDecimal={false} value={draft.windowHours ?? ''} onChange={(value) => change({ windowHours: typeof value === 'number' ? value : null })} />
          )}
          {hasOutliers(draft) && (
            <Group grow align="flex-end">
              <Select label={x.outliers} allowDeselect={false} value={draft.outliers} onChange={(value) => change({ outliers: value as 'none' })} data={(['none', 'cap', 'winsorize'] as const).map((value) => ({ value, label: x.outlierKinds[value] }))} />
              {draft.outliers === 'cap' && <NumberInput label={x.cap} min={0} value={draft.cap} onChange={number((cap) => change({ cap }))} />}
              {draft.outliers === 'winsorize' && <NumberInput label={x.winsorize} min={0.5} max={0.9999} step={0.01} decimalScale={4} value={draft.winsorize} onChange={number((winsorize) => change({ winsorize }))} />}
            </Group>
          )}
          <Group grow>
            <Select label={x.direction} allowDeselect={false} value={draft.direction} onChange={(value) => change({ direction: value as 'increase' })} data={(['increase', 'decrease'] as const).map((value) => ({ value, label: x.directions[value] }))} />
            <TextInput label={x.displayUnit} placeholder="€" maxLength={20} value={draft.unit} onChange={(event) => change({ unit: event.currentTarget.value })} />
          </Group>
          {defined && <MetricPreview scope={scope} definition={toDefinition(draft)} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || update.isPending}>
              {metric === undefined ? m.common.create : x.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </SideDialog>
  )
}

function Filters({ label, filters, onChange }: { label: string; filters: FilterDraft[]; onChange: (filters: FilterDraft[]) => void }) {
  const { x } = useMessages()
  const set = (index: number, part: Partial<FilterDraft>) => onChange(filters.map((item, i) => (i === index ? { ...item, ...part } : item)))
  return (
    <div role="group" aria-label={label}>
      {filters.length > 0 && (
        <Text size="sm" fw={500} mb={4}>
          {label}
        </Text>
      )}
      <Stack gap="xs">
        {filters.map(({ property, operator, text }, index) => {
          const isList = operator === 'in' || operator === 'notIn'
          return (
            <Group key={index} gap={6} wrap="nowrap">
              <TextInput aria-label={x.property} placeholder={x.property} flex={1} miw={0} maxLength={200} value={property} onChange={(event) => set(index, { property: event.currentTarget.value })} />
              <Select aria-label={x.operator} w={120} allowDeselect={false} value={operator} onChange={(value) => set(index, { operator: value as FilterDraft['operator'] })} data={operators.map((value) => ({ value, label: x.operators[value] }))} />
              {operator !== 'exists' && operator !== 'notExists' && <TextInput aria-label={x.filterValue} placeholder={isList ? x.listHint : x.filterValue} flex={1} miw={0} value={text} onChange={(event) => set(index, { text: event.currentTarget.value })} />}
              <ActionIcon variant="subtle" color="gray" aria-label={x.remove(property || x.property)} onClick={() => onChange(filters.filter((_, i) => i !== index))}>
                <IconX size={16} />
              </ActionIcon>
            </Group>
          )
        })}
        <Button variant="subtle" size="compact-sm" style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={15} aria-hidden />} disabled={filters.length >= 20} onClick={() => onChange([...filters, { property: '', operator: 'eq', text: '' }])}>
          {x.addFilter}
        </Button>
      </Stack>
    </div>
  )
}
