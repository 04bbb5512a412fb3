import type { Comparison, MetricResult, ResultsView } from './results'

type Cell = string | number | boolean | null | undefined

const columns: [string, (comparison: Comparison, metric: MetricResult) => Cell][] = [
  ['metric', (_, m) => m.metric],
  ['role', (_, m) => m.role],
  ['form', (_, m) => m.form],
  ['direction', (_, m) => m.direction],
  ['variant', (c) => c.variant],
  ['control_units', (_, m) => m.controlUnits],
  ['control_value', (_, m) => m.controlValue],
  ['units', (c) => c.units],
  ['value', (c) => c.value],
  ['difference', (c) => c.absolute?.estimate],
  ['difference_lower', (c) => c.absolute?.lower],
  ['difference_upper', (c) => c.absolute?.upper],
  ['lift', (c) => c.relative?.estimate],
  ['lift_lower', (c) => c.relative?.lower],
  ['lift_upper', (c) => c.relative?.upper],
  ['standard_error', (c) => c.standardError],
  ['degrees_of_freedom', (c) => c.degreesOfFreedom],
  ['statistic', (c) => c.statistic],
  ['critical_value', (c) => c.criticalValue],
  ['p_value', (c) => c.pValue],
  ['adjusted_p_value', (c) => c.adjustedPValue],
  ['correction', (c) => c.correction],
  ['test', (c) => c.test],
  ['significant', (c) => c.isSignificant],
  ['significant_since_look', (c) => c.significantSince],
  ['better', (c) => c.isBetter],
  ['variance_reduction', (c) => c.varianceReduction],
  ['unadjusted_difference', (c) => c.unadjusted?.estimate],
  ['unadjusted_standard_error', (c) => c.unadjusted?.standardError],
  ['unadjusted_lift', (c) => c.unadjusted?.relative],
  ['pre_period_p_value', (c) => c.prePeriodPValue],
  ['detectable_lift', (c) => c.detectableEffect],
  ['guardrail', (c) => c.guardrail?.verdict],
  ['guardrail_margin', (c) => c.guardrail?.margin],
  ['guardrail_p_value', (c) => c.guardrail?.pValue],
  ['guardrail_bound', (c) => c.guardrail?.bound],
  ['chance_to_win', (c) => c.bayesian?.chanceToWin],
  ['expected_loss', (c) => c.bayesian?.expectedLoss],
  ['credible_lower', (c) => c.bayesian?.lower],
  ['credible_upper', (c) => c.bayesian?.upper],
  ['warnings', (c) => (c.warnings ?? []).join(' ')],
]

/** All numbers of a result, one line for a comparison, digits as they were computed and in nobody's language. */
export function resultsCsv(experiment: string, { phase, at, result }: ResultsView): string {
  const head = ['experiment', 'phase', 'computed_at', 'engine', 'method', 'alpha', 'look', 'is_look', 'dimension', 'dimension_value', ...columns.map(([name]) => name)]
  const lineOf = (comparison: Comparison, metric: MetricResult, dimension?: string, value?: string) => [
    experiment, phase, at, result?.engine, result?.method, result?.alpha, result?.look, result?.isLook, dimension, value, ...columns.map(([, of]) => of(comparison, metric)),
  ]
  const lines = (result?.metrics ?? []).flatMap((metric) => metric.comparisons.map((comparison) => lineOf(comparison, metric)))
  for (const { dimension, value, metric, comparison } of result?.dimensions ?? []) {
    const whole = result?.metrics.find((one) => one.metric === metric)
    if (whole !== undefined) {
      // The control within a value is the variant less the difference.
      const control = comparison.value != null && comparison.absolute?.estimate != null ? comparison.value - comparison.absolute.estimate : null
      lines.push(lineOf(comparison, { ...whole, controlUnits: undefined as never, controlValue: control }, dimension, value))
    }
  }
  return [head, ...lines].map((cells) => cells.map(cell).join(',')).join('\r\n') + '\r\n'
}

function cell(value: Cell): string {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    return ''
  }
  if (typeof value !== 'string') {
    return String(value)
  }
  // A spreadsheet takes what begins so for a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function saveCsv(experiment: string, view: ResultsView) {
  const url = URL.createObjectURL(new Blob([resultsCsv(experiment, view)], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${experiment}-phase-${view.phase}-${(view.at ?? '').slice(0, 19).replaceAll(':', '-')}.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
