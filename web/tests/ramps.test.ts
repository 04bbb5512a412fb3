import { describe, expect, it } from 'vitest'
import { pointsOf, wilson } from '../src/features/flags/ramps/chart'

describe('A range of rates', () => {
  it('is that of Wilson', () => {
    // Newcombe 1998, table I: 15 of 148.
    const { low, high } = wilson(15, 148) ?? { low: 0, high: 0 }
    expect(low).toBeCloseTo(0.0624, 4)
    expect(high).toBeCloseTo(0.1605, 4)
  })

  it('stays inside of what is possible, and is none without anything seen', () => {
    expect(wilson(0, 0)).toBeNull()
    expect(wilson(0, 10)?.low).toBe(0)
    expect(wilson(30, 10)?.rate).toBe(1)
  })
})

it('A chart has a bounded number of points, and always the last', () => {
  const seen = Array.from({ length: 1000 }, (_, index) => ({
    at: new Date(index * 5000).toISOString(), percentage: 1, evaluations: index, errors: 0, restEvaluations: index, restErrors: 0, evidence: 0,
  }))
  const points = pointsOf(seen)
  expect(points.length).toBeLessThanOrEqual(201)
  expect(points.at(-1)?.at).toBe(999 * 5000)
})
