import type { HealthSeriesListView } from './api'

export type RateLine = { variant: string | null; rates: (number | null)[]; errors: number; evaluations: number }

/**
 * Error rates by step, of all variants together first. Counts of evaluations come later than errors, so a step is compared with the evaluations of a few steps around it; where there are none,
 * nobody knows.
 */
export function ratesOf({ series, steps }: Pick<HealthSeriesListView, 'series' | 'steps'>): RateLine[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
  const line = (variant: string | null, errors: number[], evaluations: number[]): RateLine => ({
    variant,
    rates: errors.map((count, step) => {
      const near = evaluations.slice(Math.max(0, step - 1), step + 2)
      const served = Math.max(near.length === 0 ? 0 : sum(near) / near.length, evaluations[step] ?? 0, count)
      return served === 0 ? null : Math.min(1, count / served)
    }),
    errors: sum(errors),
    evaluations: sum(evaluations),
  })
  const all = (of: 'errors' | 'evaluations') => Array.from({ length: steps }, (_, step) => series.reduce((total, one) => total + (one[of][step] ?? 0), 0))
  const named = series.filter(({ variant }) => variant !== null)
  return [line('', all('errors'), all('evaluations')), ...(named.length > 1 ? named.map(({ variant, errors, evaluations }) => line(variant, errors, evaluations)) : [])]
}
