import { Badge, Group, NativeSelect, Text } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import type { ExperimentView } from '../api'
import { chanceText, liftOf, outcomeOf, pText, scaleOf, shareText, valueText } from './format'
import { LiftInterval } from './LiftInterval'
import classes from './Results.module.css'
import type { AnalysisResult } from './results'
import { useResultTexts } from './texts/messages'

const colors = { better: 'teal', worse: 'red', unclear: 'gray', noTest: 'gray', untestable: 'gray', noEstimate: 'gray' }

/** Stands for all values that have no row of their own. */
const others = '*'

/** A metric within the values of an attribute. It explains and decides nothing: everything shown here is corrected together. */
export function Breakdown({ experiment, result }: { experiment: Pick<ExperimentView, 'metrics'>; result: AnalysisResult }) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const all = result.dimensions ?? []
  const dimensions = [...new Set(all.map(({ dimension }) => dimension))]
  const metrics = result.metrics.filter(({ metric }) => all.some((one) => one.metric === metric && one.comparison.absolute?.estimate != null))
  const [dimension, setDimension] = useState(dimensions[0])
  const [metric, setMetric] = useState(metrics[0]?.metric)
  const chosen = metrics.find((one) => one.metric === metric) ?? metrics[0]
  const attribute = dimension !== undefined && dimensions.includes(dimension) ? dimension : dimensions[0]
  if (attribute === undefined || chosen === undefined) {
    return null
  }
  const rows = all.filter((one) => one.dimension === attribute && one.metric === chosen.metric)
  const scale = scaleOf(rows.map(({ comparison }) => liftOf(comparison, result.method)))
  const unit = experiment.metrics.find(({ key }) => key === chosen.metric)?.definition.unit
  const differing = (result.heterogeneity ?? []).filter((one) => one.dimension === attribute && one.metric === chosen.metric)
  const splits = (result.health.dimensions ?? []).filter((one) => one.dimension === attribute && one.alert)
  const isBayesian = result.method === 'bayesian'
  // Probabilities are not corrected for how many there are, so what they seem to say is said by the corrected test.
  const tested = isBayesian ? { ...result, method: 'alwaysValid' as const } : result
  const unbroken = experiment.metrics.filter(({ definition }) => definition.kind === 'quantile' || definition.kind === 'retention').map(({ name }) => name)
  const named = (value: string) => (value === '' ? r.noValue : value === others ? r.otherValues : value)
  return (
    <div>
      <Group justify="space-between" align="flex-end" gap="xs" mb="xs">
        <div>
          <Text component="h3" size="sm" fw={600}>
            {r.breakdown}
          </Text>
          <Text size="xs" c="dimmed">
            {r.breakdownHint} {isBayesian && r.breakdownBeliefs} {unbroken.length > 0 && r.notBroken(unbroken.join(', '))}
          </Text>
        </div>
        <Group gap="xs">
          <NativeSelect size="xs" aria-label={r.dimension} value={attribute} onChange={({ currentTarget }) => setDimension(currentTarget.value)} data={dimensions} />
          <NativeSelect
            size="xs"
            aria-label={r.metric}
            value={chosen.metric}
            onChange={({ currentTarget }) => setMetric(currentTarget.value)}
            data={metrics.map((one) => ({ value: one.metric, label: experiment.metrics.find(({ key }) => key === one.metric)?.name ?? one.metric }))}
          />
        </Group>
      </Group>
      <table className={classes.table} role="table" aria-label={r.breakdown}>
        <thead role="rowgroup">
          <tr role="row">
            {[attribute, r.units, r.variant, r.lift, isBayesian ? r.chance : r.p].map((name) => (
              <th key={name} role="columnheader" scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(({ value, comparison }) => {
            const range = liftOf(comparison, result.method)
            const outcome = outcomeOf(comparison, tested)
            return (
              <tr role="row" key={`${value} ${comparison.variant}`}>
                <td role="cell" className={classes.name}>
                  <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                    {named(value)}
                  </Text>
                </td>
                <td role="cell" data-label={r.units} className={classes.number}>
                  {comparison.units.toLocaleString(language)}
                </td>
                <td role="cell" data-label={comparison.variant} className={classes.number}>
                  <div>
                    {valueText(comparison.value, chosen.form, unit, language)}
                    <Text size="xs" c="dimmed" className={classes.variant}>
                      {comparison.variant}
                    </Text>
                  </div>
                </td>
                <td role="cell" className={classes.liftCell}>
                  <Text size="sm" fw={650} component="span" className={classes.tabular}>
                    {range.estimate === null ? r.absolute(valueText(comparison.absolute?.estimate, chosen.form, unit, language, true)) : shareText(range.estimate, language, true)}
                  </Text>
                  <LiftInterval range={range} scale={scale} outcome={outcome} />
                  <Text size="xs" c="dimmed" className={classes.tabular}>
                    {comparison.absolute?.estimate == null ? r.outcomes.noEstimate : range.lower === null || range.upper === null ? (result.isLook ? r.unbounded : r.noInterval) : r.interval(shareText(range.lower, language, true), shareText(range.upper, language, true))}
                  </Text>
                </td>
                <td role="cell" data-label={isBayesian ? r.chance : r.p} className={classes.verdict}>
                  <div>
                    <Text size="sm" className={classes.tabular}>
                      {isBayesian ? chanceText(comparison.bayesian?.chanceToWin, language) : pText(comparison.adjustedPValue, language)}
                    </Text>
                    <Badge size="sm" variant="light" tt="none" color={colors[outcome]}>
                      {r.outcomes[outcome]}
                    </Badge>
                    {isBayesian && (
                      <Text size="xs" c="dimmed">
                        p {pText(comparison.adjustedPValue, language)}
                      </Text>
                    )}
                  </div>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {differing.map(({ variant, pValue, i2 }) => (
        <Text key={variant} size="xs" c="dimmed" mt={6}>
          {r.heterogeneity(variant, pText(pValue, language), shareText(i2, language))}
        </Text>
      ))}
      {splits.map(({ value }) => (
        <Text key={value} size="xs" c="red" mt={6}>
          {r.splitWithin(named(value))}
        </Text>
      ))}
    </div>
  )
}
