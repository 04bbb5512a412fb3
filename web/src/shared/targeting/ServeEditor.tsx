import { Button, Group, NumberInput, Select, Slider, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Variant } from '../api/types'
import { variantColor } from '../components/variantColor'
import { useMessages } from '../i18n/messages'
import { BucketBy } from './LeafEditors'
import type { Rollout, Serve } from './model'
import { RolloutBar } from './RolloutBar'
import classes from './ServeEditor.module.css'
import { evenShares, setShare, toShares, toWeights } from './weights'

type Props = { serve: Serve; variants: Variant[]; onChange: (serve: Serve) => void; label?: string }

/** What somebody gets: one variant, a rollout over several, or off. An experiment is shown and kept. */
export function ServeEditor({ serve, variants, onChange, label }: Props) {
  const m = useMessages()
  const value =
    'variant' in serve
      ? `variant:${serve.variant}`
      : 'rollout' in serve
        ? 'rollout'
        : 'experiment' in serve
          ? 'experiment'
          : 'off'
  const known = variants.some(({ key }) => 'variant' in serve && key === serve.variant)
  const choose = (next: string) => {
    if (next === 'off') {
      onChange({ off: true })
    } else if (next === 'rollout') {
      onChange({ rollout: { variations: toWeights(variants.map(({ key }) => key), evenShares(variants.length)) } })
    } else if (next.startsWith('variant:')) {
      onChange({ variant: next.slice('variant:'.length) })
    }
  }

  return (
    <Stack gap="sm">
      <Select
        aria-label={label ?? m.targeting.serve}
        maw={320}
        allowDeselect={false}
        value={value}
        onChange={(next) => next !== null && next !== value && choose(next)}
        data={[
          ...variants.map(({ key, name }) => ({ value: `variant:${key}`, label: name && name !== key ? `${key} (${name})` : key })),
          ...('variant' in serve && !known ? [{ value, label: serve.variant }] : []),
          { value: 'rollout', label: m.targeting.rollout },
          ...('experiment' in serve ? [{ value: 'experiment', label: m.targeting.experiment(serve.experiment) }] : []),
          { value: 'off', label: m.targeting.off },
        ]}
        leftSection={
          'variant' in serve ? (
            <span aria-hidden className={classes.dot} style={{ background: variantColor(variants.findIndex(({ key }) => key === serve.variant)) }} />
          ) : undefined
        }
      />
      {'rollout' in serve && (
        <RolloutEditor rollout={serve.rollout} variants={variants} onChange={(rollout) => onChange({ rollout })} />
      )}
    </Stack>
  )
}

function RolloutEditor({ rollout, variants, onChange }: { rollout: Rollout; variants: Variant[]; onChange: (rollout: Rollout) => void }) {
  const m = useMessages()
  const [advanced, setAdvanced] = useState(Boolean(rollout.bucketBy))
  // Every variant of the flag has a line, also those that get nothing yet; the order of the rollout stays.
  const keys = [...new Set([...rollout.variations.map(({ key }) => key), ...variants.map(({ key }) => key)])]
  const served = toShares(rollout.variations)
  const shares = keys.map((key) =>
    rollout.variations.reduce((sum, variation, index) => (variation.key === key ? sum + (served[index] ?? 0) : sum), 0),
  )
  const apply = (next: number[]) => onChange({ ...rollout, variations: toWeights(keys, next) })
  const color = (key: string) => variantColor(variants.findIndex((variant) => variant.key === key))

  return (
    <Stack gap="xs" className={classes.rollout}>
      <RolloutBar parts={keys.map((key, index) => ({ key, share: shares[index] ?? 0, color: color(key) }))} height={12} />
      {keys.map((key, index) => (
        <div key={key} className={classes.line}>
          <Group gap={8} wrap="nowrap" miw={0}>
            <span aria-hidden className={classes.dot} style={{ background: color(key) }} />
            <Text size="sm" className="mono" truncate>
              {key}
            </Text>
          </Group>
          <Slider
            thumbLabel={m.targeting.weightSlider(key)}
            label={null}
            min={0}
            max={100}
            step={1}
            size="sm"
            color={color(key)}
            value={(shares[index] ?? 0) / 100}
            onChange={(percent) => apply(setShare(shares, index, percent * 100))}
          />
          <NumberInput
            aria-label={m.targeting.weight(key)}
            size="xs"
            min={0}
            max={100}
            decimalScale={2}
            suffix=" %"
            clampBehavior="strict"
            value={(shares[index] ?? 0) / 100}
            onChange={(percent) => typeof percent === 'number' && apply(setShare(shares, index, percent * 100))}
          />
        </div>
      ))}
      <Group gap="xs">
        <Button variant="subtle" size="compact-xs" onClick={() => apply(evenShares(keys.length))}>
          {m.targeting.evenly}
        </Button>
        {advanced ? (
          <Group gap="xs">
            <Text size="xs" c="dimmed" title={m.targeting.bucketByHint}>
              {m.targeting.bucketBy}
            </Text>
            <BucketBy
              value={rollout.bucketBy ?? ''}
              onChange={(bucketBy) => {
                const { bucketBy: _old, ...rest } = rollout
                onChange(bucketBy === '' ? rest : { ...rest, bucketBy })
              }}
            />
          </Group>
        ) : (
          <Button variant="subtle" size="compact-xs" color="gray" onClick={() => setAdvanced(true)}>
            {m.targeting.bucketBy}…
          </Button>
        )}
      </Group>
    </Stack>
  )
}
