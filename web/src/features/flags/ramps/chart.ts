import type { RampObservationView } from './api'

/** A rate with the range in which it lies with a confidence of 95 %. */
export type Band = { rate: number; low: number; high: number }

/** The score interval of Wilson (1927), which also holds for few events. */
export function wilson(events: number, trials: number): Band | null {
  if (trials <= 0) {
    return null
  }
  const z = 1.96
  const p = Math.min(1, events / trials)
  const center = (p + (z * z) / (2 * trials)) / (1 + (z * z) / trials)
  const half = (z / (1 + (z * z) / trials)) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials))
  return { rate: p, low: Math.max(0, center - half), high: Math.min(1, center + half) }
}

export type Point = { at: number; ramped: Band | null; rest: Band | null; evidence: number }

/** At most so many points, evenly taken, with the last one. */
export function pointsOf(observations: RampObservationView[], most = 200): Point[] {
  const every = Math.max(1, Math.ceil(observations.length / most))
  return observations
    .filter((_, index) => index % every === 0 || index === observations.length - 1)
    .map(({ at, evaluations, errors, restEvaluations, restErrors, evidence }) => ({
      at: Date.parse(at),
      ramped: wilson(errors, evaluations),
      rest: wilson(restErrors, restEvaluations),
      evidence,
    }))
}
