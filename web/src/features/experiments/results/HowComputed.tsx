import { Code, List, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import { nothing, numberText } from '@/shared/i18n/numbers'
import { useMessages } from '../texts/messages'
import { pText, shareText, valueText } from './format'
import { fieller, formulas, methodSources } from './formulas'
import classes from './Results.module.css'
import type { Comparison, MetricResult } from './results'
import { useResultTexts } from './texts/messages'
import { warningText } from './verdict'
import type { Viewed } from './view'

type Props = { result: Viewed; metric: MetricResult; comparison: Comparison; unit: string | null | undefined; label: string }

/** Formula, source and every input of a comparison, so that it can be computed again by hand. */
export function HowComputed({ result, metric, comparison, unit, label }: Props) {
  const { x } = useMessages()
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const { absolute, guardrail, bayesian, unadjusted, warnings = [] } = comparison
  const test = comparison.test ?? ''
  const formula = formulas[test]
  const value = (number: number | null | undefined, signed = false) => valueText(number, metric.form, unit, language, signed)
  const exact = (number: number | null | undefined) => (number == null || !Number.isFinite(number) ? nothing : new Intl.NumberFormat(language, { notation: Math.abs(number) >= 1e15 ? 'scientific' : 'standard', maximumSignificantDigits: 8 }).format(number))
  const count = new Intl.NumberFormat(language)
  const people = (units: number) => r.peopleOf(units)
  const range = (lower: number | null | undefined, upper: number | null | undefined, text: (end: number) => string) => (lower == null || upper == null ? nothing : r.interval(text(lower), text(upper)))
  const source = methodSources[result.method]
  return (
    <section aria-label={label} className={classes.howSection}>
      {formula !== undefined && (
        <>
          <Text size="sm" fw={600}>
            {(r.tests as Record<string, string>)[test] ?? test}
          </Text>
          <Code block className={classes.formula} tabIndex={0}>
            {formula.formula}
            {'\n'}
            {r.intervalOfLift}: {fieller}
          </Code>
          <Text size="xs" c="dimmed">
            {r.source}: {[formula.source, source].filter((text) => text !== undefined).join('; ')}
          </Text>
        </>
      )}
      {result.method === 'bayesian' && (
        <Text size="xs" c="dimmed">
          {result.isOther ? r.notPlannedBeliefs : `${r.beliefs} ${r.besides}`}
        </Text>
      )}
      <dl className={classes.facts}>
        <Fact name={`${r.control}: ${r.value}`}>
          {value(metric.controlValue)} ({people(metric.controlUnits)})
        </Fact>
        <Fact name={`${comparison.variant}: ${r.value}`}>
          {value(comparison.value)} ({people(comparison.units)})
        </Fact>
        <Fact name={r.difference}>
          {value(absolute?.estimate, true)}
          {absolute?.lower != null && absolute.upper != null && ` (${range(absolute.lower, absolute.upper, (end) => value(end, true))})`}
        </Fact>
        <Fact name={r.standardError}>{exact(comparison.standardError)}</Fact>
        <Fact name={r.freedom}>{comparison.degreesOfFreedom == null ? r.normal : numberText(comparison.degreesOfFreedom, language)}</Fact>
        <Fact name={r.statistic}>{exact(comparison.statistic)}</Fact>
        <Fact name={r.critical}>{exact(comparison.criticalValue)}</Fact>
        <Fact name={r.p}>{comparison.pValue != null && comparison.pValue > 0 && comparison.pValue < 0.001 ? comparison.pValue.toExponential(2) : pText(comparison.pValue, language)}</Fact>
        <Fact name={r.corrected}>{pText(comparison.adjustedPValue, language)}</Fact>
        <Fact name={r.correction}>{(r.corrections as Record<string, string>)[comparison.correction ?? 'none'] ?? comparison.correction}</Fact>
        <Fact name={r.method}>{x.methods[result.method]}</Fact>
        <Fact name={r.alpha}>{numberText(result.alpha, language)}</Fact>
        <Fact name={r.alphaSpent}>{exact(result.alphaSpent)}</Fact>
        <Fact name={r.look}>{result.looks == null ? count.format(result.look) : r.lookOf(result.look, count.format(result.looks))}</Fact>
        {comparison.significantSince != null && <Fact name={r.since}>{count.format(comparison.significantSince)}</Fact>}
        <Fact name={r.detectable}>{shareText(comparison.detectableEffect, language)}</Fact>
        {comparison.varianceReduction != null && <Fact name={r.reduction}>{shareText(comparison.varianceReduction, language)}</Fact>}
        {unadjusted != null && (
          <Fact name={r.without}>
            {value(unadjusted.estimate, true)} ({shareText(unadjusted.relative, language, true)}), {r.standardError} {exact(unadjusted.standardError)}
          </Fact>
        )}
        {comparison.prePeriodPValue != null && <Fact name={r.prePeriod}>{pText(comparison.prePeriodPValue, language)}</Fact>}
        {guardrail?.pValue != null && <Fact name={r.guardrailP}>{pText(guardrail.pValue, language)}</Fact>}
        {guardrail?.bound != null && <Fact name={r.bound}>{value(guardrail.bound, true)}</Fact>}
        {result.method === 'bayesian' && bayesian != null && <Fact name={r.credibleInterval}>{range(bayesian.lower, bayesian.upper, (end) => shareText(end, language, true))}</Fact>}
        <Fact name={r.engine}>{result.engine ?? nothing}</Fact>
      </dl>
      {warnings.length > 0 && (
        <List size="sm" mt="xs" spacing={2}>
          {warnings.map((code) => (
            <List.Item key={code}>{warningText(code, r)}</List.Item>
          ))}
        </List>
      )}
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
