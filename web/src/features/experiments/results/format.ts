import { huge, isKnown, nothing, numberText, type Maybe } from '@/shared/i18n/numbers'
import type { AnalysisResult, Comparison, MetricResult } from './results'

/** A share as people read it: small ones keep two digits that say something. */
export function shareText(value: Maybe, language: string, signed = false): string {
  if (!isKnown(value)) {
    return nothing
  }
  const size = Math.abs(value) * 100
  const digits = size >= 1e6 ? huge : size >= 100 ? { maximumFractionDigits: 0 } : size >= 10 ? { maximumFractionDigits: 1 } : size >= 0.1 || size === 0 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 }
  return new Intl.NumberFormat(language, { style: 'percent', ...digits, signDisplay: signed ? 'exceptZero' : 'auto' }).format(value)
}

/** A value of a metric: proportions as shares, everything else with its unit. */
export function valueText(value: Maybe, form: MetricResult['form'], unit: string | null | undefined, language: string, signed = false): string {
  if (form === 'proportion') {
    return shareText(value, language, signed)
  }
  const text = numberText(value, language, signed)
  return text === nothing || unit == null || unit === '' ? text : `${text} ${unit}`
}

/** What choosing a variant is expected to cost; less than a ten-thousandth of the control is told as that, not with a dozen zeros. */
export function lossText(loss: Maybe, control: Maybe, form: MetricResult['form'], unit: string | null | undefined, language: string): string {
  const least = isKnown(control) ? Math.abs(control) / 10_000 : 0
  return isKnown(loss) && loss < least ? `< ${valueText(least, form, unit, language)}` : valueText(loss, form, unit, language)
}

export function pText(p: Maybe, language: string): string {
  if (!isKnown(p)) {
    return nothing
  }
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 })
  return p < 0.001 ? `< ${format.format(0.001)}` : p > 0.999 ? `> ${format.format(0.999)}` : format.format(p)
}

/** A probability; what is nearly sure is not told as sure. */
export function chanceText(chance: Maybe, language: string): string {
  if (!isKnown(chance)) {
    return nothing
  }
  const format = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return chance < 0.001 ? `< ${format.format(0.001)}` : chance > 0.999 ? `> ${format.format(0.999)}` : format.format(chance)
}

/** How far into a phase something is: days, or what fits the first hours. */
export function sinceText(days: number, language: string, day: (n: string) => string): string {
  const [value, unit] = days >= 2 ? [days, null] : days * 24 >= 2 ? [days * 24, 'hour'] : [days * 1440, 'minute']
  return unit === null ? day(new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)) : new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value)
}

export type Range = { estimate: number | null; lower: number | null; upper: number | null }

/** The lift as it is drawn: with the Bayesian method the credible interval, otherwise that of the test. */
export function liftOf({ relative, bayesian }: Comparison, method: AnalysisResult['method']): Range {
  const estimate = relative?.estimate ?? null
  // A prior draws the belief away from the estimate, and its interval with it.
  return method === 'bayesian' ? { estimate: bayesian?.median ?? estimate, lower: bayesian?.lower ?? null, upper: bayesian?.upper ?? null } : { estimate, lower: relative?.lower ?? null, upper: relative?.upper ?? null }
}

export type Outcome = 'better' | 'worse' | 'unclear' | 'noTest' | 'untestable' | 'noEstimate'

/** What a comparison says under the plan, and nothing but the plan. */
export function outcomeOf(comparison: Comparison, { method, alpha, isLook }: Pick<AnalysisResult, 'method' | 'alpha' | 'isLook'>): Outcome {
  const { absolute, pValue, isSignificant, isBetter, bayesian } = comparison
  if (absolute?.estimate == null) {
    return 'noEstimate'
  }
  const silent = isLook ? 'untestable' : 'noTest'
  if (method === 'bayesian') {
    return bayesian == null ? silent : bayesian.chanceToWin >= 1 - alpha / 2 ? 'better' : bayesian.chanceToWin <= alpha / 2 ? 'worse' : 'unclear'
  }
  if (isSignificant === true) {
    return isBetter === true ? 'better' : isBetter === false ? 'worse' : 'unclear'
  }
  return pValue == null ? silent : 'unclear'
}

/** Half the width of the scale on which lifts are drawn: one for all rows, so that they can be compared; no more than five times the control. */
export function scaleOf(ranges: readonly Range[]): number {
  const ends = ranges.flatMap(({ estimate, lower, upper }) => [estimate, lower, upper]).filter(isKnown).map(Math.abs)
  return Math.min(5, Math.max(0.001, ...ends)) * 1.08
}

/** Where a lift stands on the scale, in percent of its width; what is outside stands at the edge. */
export const placeOf = (value: number, scale: number) => Math.min(100, Math.max(0, 50 + (value / scale) * 50))

/** Whether the data would find the smallest effects that matter in the primary metrics. */
export function powerOf(metrics: readonly MetricResult[], planned: readonly { metric: string; minimumEffect?: number | null }[]): { detectable: number | null; wanted: number | null; enough: boolean | null } {
  let worst: { detectable: number; wanted: number | null; ratio: number } | null = null
  for (const { metric, role, comparisons } of metrics) {
    if (role !== 'primary') {
      continue
    }
    const wanted = planned.find((one) => one.metric === metric)?.minimumEffect ?? null
    for (const { detectableEffect: detectable } of comparisons) {
      if (!isKnown(detectable)) {
        continue
      }
      // What has a smallest effect that matters tells more than what has none.
      const ratio = wanted !== null && wanted > 0 ? detectable / wanted : -1 + Math.min(1, detectable) / 2
      if (worst === null || ratio > worst.ratio) {
        worst = { detectable, wanted, ratio }
      }
    }
  }
  return worst === null ? { detectable: null, wanted: null, enough: null } : { detectable: worst.detectable, wanted: worst.wanted, enough: worst.ratio < 0 ? null : worst.ratio <= 1 }
}

/** Whether anybody has been seen. */
export const hasPeople = (result: AnalysisResult | null) => result !== null && result.health.shares.some(({ units }) => units > 0)
