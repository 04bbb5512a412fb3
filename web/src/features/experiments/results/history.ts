import type { Comparison, Known } from './results'

const hour = 3_600_000
const steps = [1, 2, 3, 6, 12, 24, 48, 96, 168].map((hours) => hours * hour)
const most = 16

/** The times at which results of the past are asked for. The grid hangs on the start, so most of the times stay the same as time goes. */
export function historyTimes(startedAt: string, at: string): string[] {
  const [start, end] = [Date.parse(startedAt), Date.parse(at)]
  const step = steps.find((size) => (end - start) / size <= most) ?? Math.ceil((end - start) / most / hour) * hour
  const times: string[] = []
  for (let time = start + step; time < end; time += step) {
    times.push(new Date(time).toISOString())
  }
  return times
}

/** Evidence at a look: `value` against what must be left for a decision, `upper` or `lower`. */
export type PathPoint = { look: number; day: number; value: number; upper: number | null; lower: number | null }

/**
 * The way of the evidence for a comparison: standard errors from zero against the boundary of the design, or with the Bayesian method the probability against the two that decide. Only looks are
 * points of it: between them the plan offers no test.
 */
export function pathOf(history: readonly Known[], metric: string, variant: string): PathPoint[] {
  const points = new Map<number, PathPoint>()
  for (const { result } of history) {
    const comparison = result.isLook ? result.metrics.find((one) => one.metric === metric)?.comparisons.find((one) => one.variant === variant) : undefined
    if (comparison === undefined) {
      continue
    }
    const point = result.method === 'bayesian' ? belief(comparison, result.alpha) : evidence(comparison)
    if (point !== null) {
      points.set(result.look, { look: result.look, day: result.days, ...point })
    }
  }
  return [...points.values()].sort((a, b) => a.look - b.look)
}

function evidence({ absolute, standardError, criticalValue }: Comparison) {
  // The critical value is in standard errors of the effect, so the effect is measured in them too: it crosses exactly when the test rejects.
  if (absolute?.estimate == null || standardError == null || !(standardError > 0)) {
    return null
  }
  return { value: absolute.estimate / standardError, upper: criticalValue ?? null, lower: criticalValue == null ? null : -criticalValue }
}

const belief = ({ bayesian }: Comparison, alpha: number) => (bayesian == null ? null : { value: bayesian.chanceToWin, upper: 1 - alpha / 2, lower: alpha / 2 })

/** Whether a point lies outside the boundary. */
export const crosses = ({ value, upper, lower }: PathPoint) => (upper !== null && value >= upper) || (lower !== null && value <= lower)
