import { describe, expect, test } from 'vitest'
import { draftOf, scalarOf, toDefinition } from '@/features/experiments/metricDraft'
import { freeOf } from '@/features/experiments/parts/Allocation'
import { daysRunning, parseDays, splitOf } from '@/features/experiments/parts/numbers'

describe('who gets what', () => {
  test('Each stage takes from what the ones before left, and nobody is counted twice', () => {
    const split = splitOf({ layer: { from: 30, to: 80 }, holdout: 10, traffic: 50, variations: [{ key: 'a', weight: 3 }, { key: 'b', weight: 1 }] })
    expect(split.outsideLayer).toBe(5000)
    expect(split.heldOut).toBe(500)
    expect(split.outsideTraffic).toBe(2250)
    expect(split.variants).toEqual([{ key: 'a', share: 1687.5 }, { key: 'b', share: 562.5 }])
    expect(split.outsideLayer + split.heldOut + split.outsideTraffic + split.variants.reduce((sum, { share }) => sum + share, 0)).toBe(10_000)
  })

  test('Weights that add up to nothing divide by nothing', () => {
    expect(splitOf({ layer: null, holdout: 0, traffic: 100, variations: [{ key: 'a', weight: 0 }] }).variants).toEqual([{ key: 'a', share: 0 }])
  })

  test('What is free of a layer counts overlapping parts once', () => {
    expect(freeOf([{ from: 40, to: 60 }, { from: 0, to: 20 }, { from: 10, to: 30 }])).toBe(50)
    expect(freeOf([])).toBe(100)
  })
})

test('A begun day counts, and an experiment that is over stands still', () => {
  const start = '2026-01-01T00:00:00Z'
  expect(daysRunning({ startedAt: null, stoppedAt: null }, 0)).toBeNull()
  expect(daysRunning({ startedAt: start, stoppedAt: null }, Date.parse('2026-01-02T00:00:01Z'))).toBe(2)
  expect(daysRunning({ startedAt: start, stoppedAt: '2026-01-03T00:00:00Z' }, Date.parse('2027-01-01T00:00:00Z'))).toBe(2)
})

test('Days of looks are growing whole numbers', () => {
  expect(parseDays('7, 14 28')).toEqual([7, 14, 28])
  for (const wrong of ['7, 7', '14, 7', '0', '366', '1.5', 'x']) {
    expect(parseDays(wrong)).toBeNull()
  }
})

describe('definitions of metrics', () => {
  test('What looks like a number is one, unless it stands in quotes', () => {
    expect([scalarOf('5'), scalarOf(' 1e3'), scalarOf('"5"'), scalarOf('true'), scalarOf('EUR'), scalarOf('0x1')]).toEqual([5, 1000, '5', true, 'EUR', '0x1'])
  })

  test('Only what belongs to the kind is sent', () => {
    const draft = { ...draftOf(), kind: 'retention' as const, event: ' back ', value: 'x', windowHours: 5, outliers: 'cap' as const, fromDay: 3, toDay: 9 }
    expect(toDefinition(draft)).toMatchObject({ kind: 'retention', event: 'back', value: null, windowHours: null, cap: null, fromDay: 3, toDay: 9, quantile: null, denominator: null })
  })

  test('A definition that is opened and saved stays what it was', () => {
    const definition = {
      kind: 'ratio' as const, event: 'refund', value: null, filters: [{ property: 'currency', operator: 'in' as const, value: ['EUR', '978', 978, true] }, { property: 'zip', operator: 'eq' as const, value: '01234' }], numerator: 'count' as const,
      denominator: { event: 'purchase', aggregation: 'sum' as const, value: 'amount', filters: [{ property: 'channel', operator: 'neq' as const, value: 'shop' }] }, quantile: null, windowHours: 24, fromDay: null, toDay: null, cap: null, winsorize: 0.99, direction: 'decrease' as const, unit: '%',
    }
    expect(toDefinition(draftOf(definition as never))).toEqual(definition)
  })
})
