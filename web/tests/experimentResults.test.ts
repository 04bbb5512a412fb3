import { MantineProvider } from '@mantine/core'
import { createElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { resultsCsv } from '@/features/experiments/results/csv'
import { chanceText, hasPeople, liftOf, lossText, outcomeOf, placeOf, powerOf, pText, scaleOf, shareText, sinceText, valueText } from '@/features/experiments/results/format'
import { crosses, historyTimes, pathOf } from '@/features/experiments/results/history'
import { MetricTable } from '@/features/experiments/results/MetricTable'
import type { AnalysisResult, Comparison, MetricResult, ResultsView } from '@/features/experiments/results/results'
import { en } from '@/features/experiments/results/texts/en'
import { ru } from '@/features/experiments/results/texts/ru'
import { VerdictBanner } from '@/features/experiments/results/VerdictBanner'
import { hasSpread, Spread } from '@/features/experiments/results/Spread'
import { binName, placesOf, sharesOf, stepsOf } from '@/features/experiments/results/spread'
import { verdictOf, warningText } from '@/features/experiments/results/verdict'
import { viewOf } from '@/features/experiments/results/view'
import { nothing, numberText } from '@/shared/i18n/numbers'

const comparison = (part: Partial<Comparison> = {}): Comparison => ({
  variant: 'treatment', units: 1000, value: 0.12, absolute: { estimate: 0.02, lower: 0.005, upper: 0.035 }, relative: { estimate: 0.2, lower: 0.05, upper: 0.35 }, standardError: 0.0076, statistic: 2.63, criticalValue: 1.96, pValue: 0.0085, adjustedPValue: 0.017,
  correction: 'holm', test: 'chiSquare', isSignificant: true, isBetter: true, detectableEffect: 0.21, warnings: [], ...part,
})
const metric = (part: Partial<MetricResult> = {}): MetricResult => ({ metric: 'bought', form: 'proportion', role: 'primary', direction: 'increase', controlUnits: 990, controlValue: 0.1, comparisons: [comparison()], ...part })
const result = (part: Partial<AnalysisResult> = {}): AnalysisResult => ({
  engine: 'togglr-statistics/1', method: 'pocock', alpha: 0.05, days: 7.01, isLook: true, look: 1, looks: 4, nextLookDay: 14, alphaSpent: 0.018, metrics: [metric()],
  health: { shares: [{ variant: 'control', units: 990, expected: 995 }, { variant: 'treatment', units: 1000, expected: 995 }], mismatchPValue: 0.8, isMismatch: false, mixedShare: 0, isMixed: false, dimensions: [] },
  decision: { state: 'keepRunning', variant: null, daysLeft: 21, reasons: ['notSignificant', 'waitingForLook'] }, dimensions: [], heterogeneity: [], warnings: [], ...part,
})
const decided = (state: AnalysisResult['decision']['state'], part: Partial<AnalysisResult['decision']> = {}) => result({ decision: { state, variant: null, daysLeft: null, reasons: [], ...part } })

const render = (node: ReactNode) => renderToStaticMarkup(createElement(MantineProvider, null, node))
const experiment = { state: 'running', control: 'control', metrics: [], plan: { metrics: [] } } as never

describe('numbers', () => {
  test('What is not known is a dash, never a number that is none', () => {
    for (const value of [null, undefined, Number.NaN, Infinity, -Infinity]) {
      expect([shareText(value, 'en'), numberText(value, 'en'), valueText(value, 'mean', '€', 'en'), pText(value, 'en'), chanceText(value, 'en')]).toEqual(Array.from({ length: 5 }, () => nothing))
    }
  })

  test('Shares keep digits that say something, at any size', () => {
    expect([0.1234, 0.0123, 0.00012345, 0, 12.5].map((value) => shareText(value, 'en'))).toEqual(['12.3%', '1.23%', '0.012%', '0%', '1,250%'])
    expect(shareText(0.05, 'en', true)).toBe('+5%')
    expect([shareText(-7.2e96, 'en', true), numberText(2.63e96, 'en'), shareText(Number.MAX_VALUE / 1e3, 'ru'), numberText(12e9, 'en')]).toEqual(['-7.2E98%', '2.6E96', '1,8E307\u00a0%', '12B'])
    expect(shareText(0, 'en', true)).toBe('0%')
  })

  test('Values have the unit of their metric, shares have none', () => {
    expect(valueText(1234.56, 'mean', '€', 'en')).toBe('1,235 €')
    expect(valueText(12.345, 'ratio', null, 'en')).toBe('12.35')
    expect(valueText(0.5, 'proportion', '€', 'en')).toBe('50%')
    expect(valueText(1e12, 'mean', '', 'en')).toBe('1T')
  })

  test('What is nearly sure is not told as sure', () => {
    expect([pText(0, 'en'), pText(1e-300, 'en'), pText(0.0499, 'en'), pText(1, 'en')]).toEqual(['< 0.001', '< 0.001', '0.050', '> 0.999'])
    expect([chanceText(1, 'en'), chanceText(0, 'en'), chanceText(0.975, 'en')]).toEqual(['> 99.9%', '< 0.1%', '97.5%'])
  })

  test('A loss that is next to nothing is told as that', () => {
    expect([lossText(6.3e-13, 0.2, 'proportion', null, 'en'), lossText(0.01, 0.2, 'proportion', null, 'en'), lossText(1e-9, 0, 'mean', '€', 'en'), lossText(null, 1, 'mean', '€', 'en')]).toEqual(['< 0.002%', '1%', '0.000000001 €', nothing])
  })

  test('The first hours of a phase are told in hours', () => {
    expect([0.01, 1.5, 14.001].map((days) => sinceText(days, 'en', en.r.day))).toEqual(['14 min', '36 hr', 'day 14'])
  })

  test('Every lift is drawn within its picture, and a monstrous one does not flatten the others', () => {
    const scale = scaleOf([{ estimate: 0.1, lower: -0.1, upper: 0.3 }, { estimate: 1e9, lower: null, upper: Infinity }])
    expect(scale).toBeLessThan(6)
    expect([placeOf(1e9, scale), placeOf(-1e9, scale), placeOf(0, scale)]).toEqual([100, 0, 50])
    expect(scaleOf([])).toBeGreaterThan(0)
  })
})

describe('what a comparison says', () => {
  const plan = { method: 'pocock', alpha: 0.05, isLook: true } as const
  const between = { ...plan, isLook: false }

  test('Between looks it says nothing, whatever the estimate', () => {
    expect(outcomeOf(comparison({ pValue: null, isSignificant: false }), between)).toBe('noTest')
    expect(outcomeOf(comparison({ pValue: null, isSignificant: false }), plan)).toBe('untestable')
    expect(outcomeOf(comparison({ pValue: null, isSignificant: true }), between)).toBe('better')
    expect(outcomeOf(comparison({ absolute: { estimate: null, lower: null, upper: null } }), plan)).toBe('noEstimate')
  })

  test('With the Bayesian method the probabilities decide, not the p-value beside them', () => {
    const bayesian = { method: 'bayesian', alpha: 0.05, isLook: true } as const
    const belief = (chanceToWin: number) => ({ chanceToWin, expectedLoss: 0, lower: -0.1, upper: 0.2 })
    expect(outcomeOf(comparison({ isSignificant: true, bayesian: belief(0.9) }), bayesian)).toBe('unclear')
    expect(outcomeOf(comparison({ isSignificant: false, bayesian: belief(0.976) }), bayesian)).toBe('better')
    expect(outcomeOf(comparison({ bayesian: belief(0.02) }), bayesian)).toBe('worse')
    expect(liftOf(comparison({ bayesian: belief(0.9) }), 'bayesian')).toEqual({ estimate: 0.2, lower: -0.1, upper: 0.2 })
    // And the other way round: a probability beside a planned test changes nothing.
    expect(outcomeOf(comparison({ isSignificant: false, bayesian: belief(0.999) }), plan)).toBe('unclear')
    expect(liftOf(comparison({ bayesian: belief(0.9) }), 'pocock').lower).toBe(0.05)
  })

  test('Power is that of the deciding comparison that is furthest from what the plan wants', () => {
    const metrics = [metric({ metric: 'a', comparisons: [comparison({ detectableEffect: 0.04 })] }), metric({ metric: 'b', comparisons: [comparison({ detectableEffect: 0.3 })] }), metric({ metric: 'g', role: 'guardrail', comparisons: [comparison({ detectableEffect: 9 })] })]
    expect(powerOf(metrics, [{ metric: 'a', minimumEffect: 0.05 }, { metric: 'b', minimumEffect: 0.1 }])).toEqual({ detectable: 0.3, wanted: 0.1, enough: false })
    expect(powerOf(metrics, [{ metric: 'a', minimumEffect: 0.05 }])).toEqual({ detectable: 0.04, wanted: 0.05, enough: true })
    expect(powerOf(metrics, []).enough).toBeNull()
    expect(powerOf([], [])).toEqual({ detectable: null, wanted: null, enough: null })
  })

  test('Nobody has been seen until somebody was', () => {
    expect(hasPeople(null)).toBe(false)
    expect(hasPeople(result({ health: { shares: [{ variant: 'a', units: 0, expected: 0 }] } }))).toBe(false)
    expect(hasPeople(result())).toBe(true)
  })
})

describe('the verdict', () => {
  test('It names the variant, what stays, or the days that are left', () => {
    expect(verdictOf(decided('ship', { variant: 'treatment', reasons: ['primaryBetter'] }), 'running', 'control', en.r)).toEqual({ tone: 'ship', title: 'Ship treatment', reasons: [en.r.reasons.primaryBetter] })
    expect(verdictOf(decided('rollBack'), 'running', 'control', en.r).title).toBe('Roll back: keep control')
    expect(verdictOf(result(), 'running', 'control', en.r)).toMatchObject({ tone: 'keepRunning', title: 'Keep it running, about 21 days left' })
    expect(verdictOf(result(), 'running', 'control', en.r).reasons[1]).toContain('day 14, in 7 days')
    expect(verdictOf(decided('unhealthy', { reasons: ['sampleRatioMismatch'] }), 'running', 'control', ru.r).title).toBe('Этим числам нельзя верить')
  })

  test('An experiment that is over is not kept running', () => {
    expect(verdictOf(result(), 'stopped', 'control', en.r)).toEqual({ tone: 'ended', title: 'It ended without an answer', reasons: [en.r.reasons.notSignificant] })
  })

  test('A code that is new is shown rather than lost', () => {
    expect(verdictOf(decided('keepRunning', { reasons: ['somethingNew'] }), 'running', 'control', en.r).reasons).toEqual(['somethingNew'])
    expect(warningText('somethingNew', en.r)).toBe('somethingNew')
  })
})

describe('the way of the evidence', () => {
  const at = (look: number, part: Partial<AnalysisResult> = {}) => ({ at: `2026-01-0${look}T00:00:00Z`, result: result({ look, days: look * 7, ...part }) })

  test('Only looks are points of it, measured in the standard errors of the boundary', () => {
    const points = pathOf([at(1), at(1, { isLook: false, days: 9 }), at(2, { metrics: [metric({ comparisons: [comparison({ absolute: { estimate: 0.001, lower: null, upper: null } })] })] })], 'bought', 'treatment')
    expect(points.map(({ look, day }) => [look, day])).toEqual([[1, 7], [2, 14]])
    expect(points.map(crosses)).toEqual([true, false])
    expect(points[0]?.value).toBeCloseTo(0.02 / 0.0076)
  })

  test('A comparison that could not be tested is no point', () => {
    for (const part of [{ standardError: 0 }, { standardError: null }, { absolute: undefined }]) {
      expect(pathOf([at(1, { metrics: [metric({ comparisons: [comparison(part)] })] })], 'bought', 'treatment')).toEqual([])
    }
    expect(pathOf([at(1)], 'other', 'treatment')).toEqual([])
  })

  test('The past is asked for a few times only, however long it is', () => {
    const start = '2026-01-01T00:00:00.000Z'
    expect(historyTimes(start, start)).toEqual([])
    expect(historyTimes(start, '2026-01-01T03:30:00Z')).toEqual(['2026-01-01T01:00:00.000Z', '2026-01-01T02:00:00.000Z', '2026-01-01T03:00:00.000Z'])
    expect(historyTimes(start, '2027-01-01T00:00:00Z').length).toBeLessThanOrEqual(16)
    // The grid stays: an hour later most of the times are the same.
    expect(historyTimes(start, '2026-01-09T05:00:00Z').slice(0, 8)).toEqual(historyTimes(start, '2026-01-09T04:00:00Z').slice(0, 8))
  })
})

describe('numbers as CSV', () => {
  const view = (known: AnalysisResult | null): ResultsView => ({ state: 'running', phase: 2, at: '2026-01-08T00:00:05Z', result: known })

  test('One line for a comparison, all digits, no language, nothing for what is not known', () => {
    const [head, line, ...rest] = resultsCsv('checkout', view(result({ metrics: [metric({ comparisons: [comparison({ value: 0.1 + 0.2, pValue: null })] })] }))).trimEnd().split('\r\n')
    const cells = Object.fromEntries((head ?? '').split(',').map((name, i) => [name, (line ?? '').split(',')[i]]))
    expect(cells).toMatchObject({ experiment: 'checkout', phase: '2', method: 'pocock', metric: 'bought', variant: 'treatment', value: '0.30000000000000004', p_value: '', adjusted_p_value: '0.017', lift: '0.2', significant: 'true', chance_to_win: '' })
    expect(rest).toEqual([])
    expect((head ?? '').split(',').length).toBe((line ?? '').split(',').length)
  })

  test('What divides cells or begins a formula is made harmless', () => {
    const csv = resultsCsv('=cmd()', view(result({ metrics: [metric({ metric: 'a,"b"' })] })))
    expect(csv).toContain("\r\n'=cmd(),2,")
    expect(csv).toContain('"a,""b"""')
  })

  test('Without a result there are names of columns', () => {
    expect(resultsCsv('checkout', view(null)).trimEnd().split('\r\n').length).toBe(1)
  })
})

describe('the page', () => {
  test('A result full of holes has no NaN, undefined or null on it', () => {
    const hole: Comparison = { variant: 'treatment', units: 0 }
    const holes = result({ isLook: false, looks: undefined, health: { shares: [] }, metrics: [metric({ controlValue: null, comparisons: [hole] }), metric({ role: 'guardrail', controlValue: null, comparisons: [hole] })] })
    for (const method of ['fixed', 'bayesian', 'alwaysValid'] as const) {
      for (const one of holes.metrics) {
        const html = render(createElement(MetricTable, { experiment, result: { ...holes, method, isOther: false }, metrics: [one], label: 'Metrics' }))
        expect(html).toContain('treatment')
        expect(html.replace(/<style[\s\S]*?<\/style>/g, '')).not.toMatch(/NaN|undefined|null|Infinity/)
      }
    }
  })

  test('The banner is told to screen readers, with the reason', () => {
    const html = render(createElement(VerdictBanner, { experiment, result: decided('unhealthy', { reasons: ['mixedAssignments'] }) }))
    expect(html).toContain('role="status"')
    expect(html).toContain(en.r.reasons.mixedAssignments)
  })

  test('A CUPED badge stands only where covariates were used', () => {
    const table = (part: Partial<Comparison>) => render(createElement(MetricTable, { experiment, result: viewOf(result(), false), metrics: [metric({ comparisons: [comparison(part)] })], label: 'Metrics' }))
    expect(table({})).not.toContain(en.r.cuped)
    expect(table({ varianceReduction: 0.3, unadjusted: { estimate: 0.01, standardError: 0.01, relative: 0.1 } })).toContain(en.r.cuped)
  })
})

describe('the other view', () => {
  const believed = { chanceToWin: 0.99, expectedLoss: 0, lower: 0.02, upper: 0.4, median: 0.19 }

  test('It shows other numbers and leaves the plan as it is', () => {
    const planned = result({ otherMethod: 'bayesian' })
    const other = viewOf(planned, true)
    expect([other.method, other.isOther, viewOf(planned, false).method, planned.method]).toEqual(['bayesian', true, 'pocock', 'pocock'])
    expect([other.decision, other.health]).toEqual([planned.decision, planned.health])
    expect(liftOf(comparison({ bayesian: believed }), other.method)).toEqual({ estimate: 0.19, lower: 0.02, upper: 0.4 })
    // Results of before there was one have none.
    expect(viewOf(result(), true)).toEqual({ ...result(), isOther: false })
  })

  test('Nothing in it has the colours of a decision', () => {
    const html = (other: boolean) => render(createElement(MetricTable, { experiment, result: viewOf(result({ otherMethod: 'bayesian' }), other), metrics: [metric({ comparisons: [comparison({ bayesian: believed })] })], label: 'Metrics' }))
    expect(html(false)).toContain('data-outcome="better"')
    expect(html(true)).not.toContain('data-outcome="better"')
    expect(html(true)).toContain('99.0%')
    expect(html(true)).toContain(en.r.outcomes.better)
  })
})

describe('distributions', () => {
  test('Bins are shares of everybody, zeros included', () => {
    expect(sharesOf({ variant: 'a', units: 10, zeros: 6, counts: [3, 1] })).toEqual({ zero: 0.6, bins: [0.3, 0.1] })
    expect(sharesOf({ variant: 'a', units: 0, zeros: 0, counts: [0] })).toEqual({ zero: 0, bins: [0] })
  })

  test('The outermost bins say that they have everything beyond them', () => {
    const names = (edges: number[], isWhole: boolean) => edges.slice(1).map((_, bin) => binName(edges, bin, isWhole, String))
    expect(names([1, 2, 3, 4], true)).toEqual(['≤ 1', '2', '≥ 3'])
    expect(names([0, 0.5, 1, 1.5], false)).toEqual(['< 0.5', '0.5 – 1', '≥ 1'])
    expect(names([7.5, 7.6], false)).toEqual(['7.5'])
    expect(names([], false)).toEqual([])
  })

  test('Pictures stay within their box', () => {
    const { left, area } = placesOf(-0.1, 0.3, [0, 0.5, 1, 0.5, 0])
    const numbers = [...stepsOf([0.1, 0.4], 0.4).split(/[ ,]/), ...area(-1, 0.05).split(/[ ,]/), left(-9), left(9)].map(Number)
    expect(numbers.every((number) => number >= 0 && number <= 100)).toBe(true)
    expect(left(0)).toBeCloseTo(25)
    expect(placesOf(0, 0, []).area(0, 1)).not.toContain('NaN')
  })

  test('A belief is drawn only where beliefs are looked at', () => {
    const drawn = comparison({ bayesian: { chanceToWin: 0.9, expectedLoss: 0, lower: -0.05, upper: 0.25, median: 0.1, density: { from: -0.2, to: 0.4, heights: [0, 0.5, 1, 0.5, 0] } } })
    expect(hasSpread({ metric: metric(), comparison: drawn, isBayesian: false })).toBe(false)
    expect(hasSpread({ metric: metric(), comparison: drawn, isBayesian: true })).toBe(true)
    const spread = metric({ distribution: { edges: [1, 2, 3], isWhole: true, variants: [{ variant: 'control', units: 100, zeros: 90, counts: [8, 2] }, { variant: 'treatment', units: 0, zeros: 0, counts: [0, 0] }] } })
    const html = render(createElement(Spread, { metric: spread, control: 'control', comparison: drawn, unit: null, isBayesian: true, label: 'Distribution' }))
    expect(html).toContain('90%')
    expect(html.replace(/<style[\s\S]*?<\/style>/g, '')).not.toMatch(/NaN|undefined|null|Infinity/)
  })
})
