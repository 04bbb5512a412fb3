import { Autocomplete, Group, NumberInput, Select, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMessages } from '../i18n/messages'
import { segmentChoicesQuery } from '../project/catalogue'
import { useScope } from '../project/scope'
import type { PercentageNode, SegmentNode } from './draft'
import { useAttributeChoices } from './useAttributeChoices'

/** Membership in a segment. */
export function SegmentEditor({ node, onChange }: { node: SegmentNode; onChange: (part: Partial<SegmentNode>) => void }) {
  const m = useMessages()
  const scope = useScope()
  const [search, setSearch] = useState('')
  const [wanted] = useDebouncedValue(search === node.segment ? '' : search, 200)
  const { data: segments = [] } = useQuery({ ...segmentChoicesQuery(scope, wanted), placeholderData: keepPreviousData })
  const names = new Map(segments.map(({ key, name }) => [key, name]))
  // The chosen one is an option even where the list of the first fifty does not hold it.
  const keys = [...new Set([...(node.segment === '' ? [] : [node.segment]), ...segments.map(({ key }) => key)])]
  return (
    <Group gap={8} wrap="nowrap">
      <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {m.targeting.inSegment}
      </Text>
      <Select
        aria-label={m.targeting.segment}
        placeholder={m.targeting.segmentPlaceholder}
        flex={1}
        maw={360}
        searchable
        data={keys}
        value={node.segment || null}
        searchValue={search}
        onSearchChange={setSearch}
        filter={({ options }) => options}
        classNames={{ input: 'mono' }}
        allowDeselect={false}
        onChange={(segment) => segment !== null && onChange({ segment })}
        renderOption={({ option }) => (
          <div>
            <Text size="sm">{names.get(option.value) ?? option.value}</Text>
            <Text size="xs" c="dimmed" className="mono">
              {option.value}
            </Text>
          </div>
        )}
      />
    </Group>
  )
}

/** A share of all contexts, by their bucket. */
export function PercentageEditor({ node, onChange }: { node: PercentageNode; onChange: (part: Partial<PercentageNode>) => void }) {
  const m = useMessages()
  return (
    <Group gap={8}>
      <Text size="sm" c="dimmed">
        {m.targeting.amongPercent}
      </Text>
      <NumberInput
        aria-label={m.targeting.percentage}
        w={110}
        min={0}
        max={100}
        decimalScale={2}
        suffix=" %"
        value={node.percentage}
        onChange={(percentage) => onChange({ percentage: typeof percentage === 'number' ? percentage : 0 })}
      />
      <Text size="sm" c="dimmed">
        {m.targeting.ofContexts}, {m.targeting.by}
      </Text>
      <BucketBy value={node.bucketBy} onChange={(bucketBy) => onChange({ bucketBy })} />
    </Group>
  )
}

/** The attribute by which contexts are divided; empty for the targeting key. */
export function BucketBy({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const m = useMessages()
  const attributes = useAttributeChoices(useScope())
  return (
    <Autocomplete
      aria-label={m.targeting.bucketBy}
      placeholder={m.targeting.targetingKey}
      w={170}
      data={attributes.map(({ name }) => name)}
      value={value}
      classNames={{ input: 'mono' }}
      onChange={onChange}
    />
  )
}
