import { describe, expect, it } from 'vitest'
import { areaOf, densitiesOf, regretOf, since, stretchesOf } from '@/features/flags/bandits/charts'
import { cellsOf, draftOf, faultsOf, forgets, newDraft, requestOf, settingsOf } from '@/features/flags/bandits/draft'
import type { AlgorithmView } from '@/features/flags/bandits/api'

const view = {
  kind: 'epsilonGreedy', rule: null, arms: ['a', 'b'], settings: { epsilon: 0.07, floor: 0.025, coldStart: 50, discount: 0.9, discountMinutes: 60 }, reward: { source: 'outcome' },
  context: [{ attribute: 'country', values: ['DE', 'FR'] }], holdout: 5, intervalSeconds: 10, bucketBy: null, version: 3,
} as unknown as AlgorithmView

describe('The draft of an algorithm', () => {
  it('asks for shares in percent and sends them back as they were', () => {
    const draft = draftOf(view)
    expect(draft.settings).toMatchObject({ epsilon: 7, floor: 2.5, discount: 90, coldStart: 50 })
    expect(requestOf(draft).settings).toEqual(view.settings)
    expect([...faultsOf(draft)]).toEqual([])
    expect(forgets(view, draft)).toBe(false)
  })

  it('leaves to the server what nobody set', () => {
    expect(requestOf(newDraft(['a', 'b']))).toMatchObject({ kind: 'thompson', arms: ['a', 'b'], settings: {}, rule: undefined, holdout: 10, intervalSeconds: 3, paused: false })
  })

  it('says what the server would refuse', () => {
    const draft = newDraft(['a', 'b'])
    expect([...faultsOf({ ...draft, arms: ['a'] })]).toEqual(['arms'])
    expect([...faultsOf({ ...draft, settings: { floor: 50.1 } })]).toEqual(['floor'])
    expect([...faultsOf({ ...draft, arms: ['a', 'b', 'c'], settings: { floor: 40 } })]).toEqual(['floor'])
    expect([...faultsOf({ ...draft, settings: { coldStart: 1.5 } })]).toEqual(['coldStart'])
    expect([...faultsOf({ ...draft, settings: { priorSuccesses: '' } })]).toEqual(['priorSuccesses'])
    expect([...faultsOf({ ...draft, kind: 'linUcb' })]).toEqual(['needsContext'])
    expect([...faultsOf({ ...draft, context: [{ attribute: 'a', values: [] }] })]).toEqual(['context'])
    expect([...faultsOf({ ...draft, context: ['a', 'a'].map((attribute) => ({ attribute, values: ['1'] })) })]).toEqual(['context'])
    expect([...faultsOf({ ...draft, context: ['a', 'b', 'c'].map((attribute) => ({ attribute, values: ['1', '2', '3', '4'] })) })]).toEqual(['cells'])
    expect([...faultsOf({ ...draft, source: 'metric' })]).toEqual(['metric'])
    expect([...faultsOf({ ...draft, source: 'metric', metric: 'sales', window: 0 })]).toEqual(['window'])
    expect([...faultsOf({ ...draft, holdout: 50.5, interval: 0 })]).toEqual(['holdout', 'interval'])
    expect(cellsOf([{ attribute: 'a', values: ['1', '2'] }, { attribute: 'b', values: ['1'] }])).toBe(6)
  })

  it('keeps the metric that is learned from', () => {
    const learning = { ...view, reward: { source: 'metric', metric: 'sales', windowMinutes: 90 } } as AlgorithmView
    expect(requestOf(draftOf(learning), true)).toMatchObject({ reward: { source: 'metric', metric: 'sales', windowMinutes: 90 }, paused: true })
    expect(forgets(learning, draftOf(learning))).toBe(false)
    expect(forgets(learning, { ...draftOf(learning), window: 91 })).toBe(true)
  })

  it('knows which changes forget what was learned', () => {
    const draft = draftOf(view)
    expect(forgets(view, { ...draft, source: 'value' })).toBe(true)
    expect(forgets(view, { ...draft, settings: { ...draft.settings, discountMinutes: 30 } })).toBe(true)
    expect(forgets(view, { ...draft, context: [] })).toBe(true)
    expect(forgets(view, { ...draft, kind: 'thompson', holdout: 20, arms: ['b', 'a'] })).toBe(false)
  })

  it('has the settings of its algorithm and those of all', () => {
    expect(settingsOf('ucb1').map(({ name }) => name)).toEqual(['exploration', 'coldStart', 'floor', 'discount', 'discountMinutes'])
  })
})

describe('Charts of a bandit', () => {
  const step = (version: number, at: string, a: number) => ({ version, at, learned: true, cells: [{ cell: '', name: '', arms: [{ variant: 'a', weight: a }, { variant: 'b', weight: 1 - a }] }] })
  const day = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }

  it('draws shares as steps, from what was served when the span began', () => {
    const stretches = stretchesOf({ ...day, steps: [step(1, '2025-12-31T00:00:00Z', 0.5), step(2, '2026-01-01T12:00:00Z', 0.75)] }, '', ['a', 'b'])
    expect(stretches.map(({ from, to, shares }) => [from, to, ...shares])).toEqual([[0, 0.5, 0.5, 0.5], [0.5, 1, 0.75, 0.25]])
    expect(areaOf(stretches, 0)).toBe('M0.000,50.000L50.000,50.000L50.000,25.000L100.000,25.000L100.000,100.000L50.000,100.000L50.000,100.000L0.000,100.000Z')
    expect(areaOf([], 0)).toBe('')
  })

  it('gives an arm that is not there yet no area', () => {
    expect(stretchesOf({ ...day, steps: [step(1, day.from, 0.5)] }, '', ['a', 'new'])[0]?.shares).toEqual([0.5, 0])
  })

  it('puts densities on one scale and draws none where nothing is known', () => {
    const arm = (variant: string, density: { x: number; y: number }[]) => ({ variant, belief: { mean: 0.5, low: 0, high: 1, density } }) as never
    expect(densitiesOf([arm('a', [])])).toBeNull()
    const drawn = densitiesOf([arm('a', [{ x: 0, y: 1 }, { x: 0.5, y: 2 }]), arm('b', [{ x: 0.5, y: 4 }, { x: 1, y: 0 }])])
    expect(drawn?.lines.map(({ points }) => points)).toEqual(['0.00,77.00 50.00,54.00', '50.00,8.00 100.00,100.00'])
    expect(drawn?.lines[0]?.mean).toBe(50)
  })

  it('draws what was lost by the end of each period, beside what equal shares would have lost', () => {
    const period = (at: string, regret: number, uniformRegret: number) => ({ at, arms: [], regret, uniformRegret })
    const noon = '2026-01-01T12:00:00Z'
    expect(regretOf({ ...day, periods: [] }, day.from)).toBeNull()
    expect(regretOf({ ...day, periods: [period(day.from, 2, 8)] }, day.from)).toEqual({ own: '0.00,100.00 100.00,77.00', uniform: '0.00,100.00 100.00,8.00' })
    expect(regretOf({ ...day, periods: [period(day.from, 2, 4), period(noon, 4, 8)] }, '2025-12-01T00:00:00Z')).toEqual({ own: '50.00,77.00 100.00,54.00', uniform: '50.00,54.00 100.00,8.00' })
  })

  it('begins with the algorithm', () => {
    const history = { ...day, steps: [], periods: [] }
    expect(since(history, '2026-01-01T06:00:00Z').from).toBe('2026-01-01T06:00:00Z')
    expect(since(history, '2025-12-31T06:00:00Z')).toBe(history)
  })
})
