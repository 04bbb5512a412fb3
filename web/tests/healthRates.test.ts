import { describe, expect, it } from 'vitest'
import { ratesOf } from '@/shared/health/rates'

describe('ratesOf', () => {
  it('compares errors with the evaluations around them', () => {
    const [all] = ratesOf({ steps: 3, series: [{ variant: 'on', errors: [0, 10, 0], evaluations: [300, 0, 300] }] })
    expect(all?.rates).toEqual([0, 10 / 200, 0])
    expect([all?.errors, all?.evaluations]).toEqual([10, 600])
  })

  it('knows nothing where nobody was served', () => {
    expect(ratesOf({ steps: 2, series: [{ variant: 'on', errors: [0, 0], evaluations: [0, 0] }] })[0]?.rates).toEqual([null, null])
  })

  it('never exceeds the whole', () => {
    expect(ratesOf({ steps: 1, series: [{ variant: null, errors: [5], evaluations: [0] }] })[0]?.rates).toEqual([1])
  })

  it('tells variants apart where there are several', () => {
    const lines = ratesOf({
      steps: 1,
      series: [
        { variant: 'on', errors: [5], evaluations: [10] },
        { variant: 'off', errors: [0], evaluations: [90] },
        { variant: null, errors: [1], evaluations: [0] },
      ],
    })
    expect(lines.map(({ variant, rates }) => [variant, rates[0]])).toEqual([['', 0.06], ['on', 0.5], ['off', 0]])
  })
})
