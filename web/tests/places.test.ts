import { describe, expect, it } from 'vitest'
import { countAspects, filterDifferences, pairLines } from '../src/features/environments/compare/differences'
import type { FlagDifference, FlagSide } from '../src/features/environments/api/promotion'
import { sizeText, toLines } from '../src/features/segments/keyText'
import { toRows } from '../src/features/evaluate/answerRows'
import type { Result } from '../src/features/evaluate/evaluate'
import { contextLabel, fromFragment, toFragment, withRecent } from '../src/features/evaluate/recentContexts'
import { en } from '../src/shared/i18n/en'

const side = (change: Partial<FlagSide>): FlagSide => ({
  enabled: false, killed: false, version: 1, updatedAt: '2026-01-01T00:00:00Z', updatedBy: null,
  prerequisites: [], targets: [], rules: [], default: { variant: 'off' }, offVariant: null, variants: [], ...change,
})
const rule = (id: string, value: string) => ({ id, name: null, if: { attribute: 'plan', operator: 'eq', value }, then: { variant: 'on' } }) as FlagSide['rules'][number]
const difference = (flag: string, differences: FlagDifference['differences'], name = ''): FlagDifference => ({
  flag, name, type: 'boolean', differences, touched: false, ofAnotherType: false, from: side({}), to: side({}),
})

describe('A comparison of environments', () => {
  it('pairs rules by their place and marks those that say something else', () => {
    const lines = pairLines({ from: side({ rules: [rule('a', 'pro'), rule('b', 'team')] }), to: side({ rules: [rule('z', 'pro')] }) }, 'rules', en)
    expect(lines.map(({ differs }) => differs)).toEqual([false, true])
    expect(lines[1]).toMatchObject({ from: expect.stringContaining('team'), to: null })
  })

  it('shows a flag that the other project lacks on one side only', () => {
    const variants = [{ key: 'red', name: '', description: '', value: { hex: '#f00' } }]
    expect(pairLines({ from: side({ variants }), to: null }, 'variants', en)).toEqual([{ from: 'red: {"hex":"#f00"}', to: null, differs: true }])
    expect(pairLines({ from: side({}), to: null }, 'enabled', en)[0]?.to).toBeNull()
  })

  it('says how many individuals there are beyond those it names', () => {
    const keys = Array.from({ length: 11 }, (_, index) => `user-${index}`)
    expect(pairLines({ from: side({ targets: [{ variant: 'on', keys }] }), to: side({}) }, 'targets', en)[0]?.from).toContain('and 3 more')
  })

  it('finds flags by words of key and name and by what differs', () => {
    const flags = [difference('new-checkout', ['rules'], 'New checkout'), difference('dark-mode', ['enabled', 'rules'], 'Dark mode')]
    expect(filterDifferences(flags, 'CHECK new', undefined).map(({ flag }) => flag)).toEqual(['new-checkout'])
    expect(filterDifferences(flags, '', 'enabled').map(({ flag }) => flag)).toEqual(['dark-mode'])
    expect(filterDifferences(flags, '', undefined)).toHaveLength(2)
    expect(countAspects(flags)).toEqual({ rules: 2, enabled: 1 })
  })
})

describe('A list of keys', () => {
  it('is read from whatever people paste', () => {
    expect(toLines(' a, b;c\td\r\n\r\n e \n')).toBe('a\nb\nc\nd\ne')
    expect(toLines(' ,\n; ')).toBe('')
  })

  it('says how large a file is', () => {
    expect(sizeText(12_400_000, 'en')).toBe('12.4 MB')
    expect(sizeText(900, 'en')).toBe('900 byte')
  })
})

describe('A question to the debugger', () => {
  const result = (flag: string, variant: string | null, value: unknown) => ({ flag, type: 'boolean', variant, value, reason: 'STATIC' }) as Result

  it('comes back from its link, whatever it holds', () => {
    const context = { targetingKey: 'a%20b#c?d', note: '"><img src=x onerror=alert(1)> ж', list: [1, true, null] }
    expect(fromFragment(toFragment(context))).toEqual(context)
    expect(fromFragment(`#${toFragment(context)}`)).toEqual(context)
    expect(fromFragment('')).toBeUndefined()
    expect(fromFragment('content')).toBeUndefined()
    expect(fromFragment('[1]')).toBeUndefined()
    expect(fromFragment('%E0%A4%A')).toBeUndefined()
  })

  it('is remembered once, the newest first, and not without limit', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ targetingKey: `u${index}` }))
    const recent = many.reduce<Record<string, unknown>[]>((list, context) => withRecent(list, context), [])
    expect(recent).toHaveLength(8)
    expect(recent[0]).toEqual({ targetingKey: 'u11' })
    expect(withRecent(recent, { targetingKey: 'u9' }).map(({ targetingKey }) => targetingKey).slice(0, 3)).toEqual(['u9', 'u11', 'u10'])
    expect(withRecent(recent, {})).toEqual(recent)
  })

  it('is named by who it is about', () => {
    expect(contextLabel({ plan: 'pro', targetingKey: 'anna' })).toBe('anna, plan: pro')
    expect(contextLabel({})).toBe('{}')
  })

  it('shows where environments answer differently', () => {
    const rows = toRows([
      { environment: 'prod', revision: 1, results: [result('b', 'on', true), result('a', 'on', true)] },
      { environment: 'dev', revision: 1, results: [result('a', 'on', true), result('b', 'off', false)] },
      { environment: 'qa', revision: 1, results: [result('a', 'on', true)] },
    ])
    expect(rows.map(({ flag, differs }) => [flag, differs])).toEqual([['a', false], ['b', true]])
    expect(rows[1]?.results[2]).toBeUndefined()
  })
})
