import { describe, expect, it } from 'vitest'
import { readColumns, writeColumns } from '../src/features/flags/list/columns'
import { filterFlags, keepPlaces, sortFlags } from '../src/features/flags/list/filter'
import { rank } from '../src/features/flags/list/search'
import { select, stillThere } from '../src/features/flags/list/selection'
import type { EnvironmentView } from '../src/shared/api/types'
import { merge, type FlagItem } from '../src/shared/flags/flagList'
import { queryOf, searchOf } from '../src/shared/flags/listSearch'

const flag = (key: string, more: Partial<FlagItem> = {}): FlagItem => ({
  key,
  name: key,
  description: '',
  type: 'boolean',
  kind: 'release',
  variants: ['on', 'off'],
  offVariant: 'off',
  owner: null,
  category: null,
  tags: [],
  clientVisible: false,
  archivedAt: null,
  createdAt: '2026-01-01T00:00:00+00:00',
  changedAt: '2026-01-01T00:00:00+00:00',
  changedBy: null,
  lifecycle: { stage: 'active', reasons: [] },
  environments: {},
  ...more,
})
const state = { enabled: true, killed: false, killReason: null, rules: 0, serves: 'on', rollout: null }
const keys = (items: FlagItem[]) => items.map((item) => item.key)
const environment = (key: string) => ({ key, name: key, critical: false }) as EnvironmentView

describe('The search of the flag list', () => {
  it('finds parts of keys and names whatever their case, and beginnings of their words', () => {
    const item = flag('new-checkout_v2', { name: 'One page Checkout', description: 'For the summer' })
    for (const search of ['checkout', 'CHECK', 'new-ch', 'nech', 'nchv2', 'one pa', 'opc', 'page check', 'summer']) {
      expect(rank(item, search), search).toBeGreaterThan(0)
    }
    for (const search of ['winter', 'chn', 'checkout winter', 'zzz']) {
      expect(rank(item, search), search).toBe(0)
    }
    expect(rank(flag('darkMode'), 'dm')).toBeGreaterThan(0)
  })

  it('puts the best match first, unless an order was chosen', () => {
    const items = [flag('old-checkout'), flag('about', { description: 'checkout' }), flag('checkout'), flag('checkout-new')]
    expect(keys(filterFlags(items, { search: 'checkout' }))).toEqual(['checkout', 'checkout-new', 'old-checkout', 'about'])
    expect(keys(filterFlags(items, { search: 'checkout', sort: 'key' }))).toEqual(keys(items))
  })

  it('takes what looks like a pattern literally', () => {
    expect(rank(flag('a'), '.*')).toBe(0)
    expect(rank(flag('a.b'), '.b')).toBeGreaterThan(0)
  })

  it('stays quick with keys that are made to be slow', () => {
    const item = flag('a-'.repeat(49) + 'a', { name: 'a '.repeat(100) })
    const start = performance.now()
    expect(rank(item, `${'a'.repeat(90)}b`)).toBe(0)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('filters 5,000 flags at once', () => {
    const items = Array.from({ length: 5000 }, (_, index) => flag(`team-${index % 50}.feature-${index}`, { name: `Feature ${index}`, tags: [`t${index % 7}`] }))
    filterFlags(items, { search: 'warm up' })
    const start = performance.now()
    expect(filterFlags(items, { search: 'fe49', tag: 't3' }).length).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

describe('The filters of the flag list', () => {
  const items = [
    flag('on', { environments: { prod: state } }),
    flag('off', { environments: { prod: { ...state, enabled: false } } }),
    flag('killed', { environments: { prod: { ...state, killed: true } } }),
    flag('rolling', { environments: { prod: { ...state, rollout: [{ variant: 'on', percent: 10 }] } }, owner: 'me' }),
    flag('gone', { archivedAt: '2026-01-01T00:00:00+00:00', environments: { prod: state } }),
  ]

  it('know what a flag does in an environment', () => {
    expect(keys(filterFlags(items, { state: 'prod:on' }))).toEqual(['on', 'rolling'])
    expect(keys(filterFlags(items, { state: 'prod:off' }))).toEqual(['off', 'killed'])
    expect(keys(filterFlags(items, { state: 'prod:killed' }))).toEqual(['killed'])
    expect(keys(filterFlags(items, { state: 'prod:rollout' }))).toEqual(['rolling'])
    expect(keys(filterFlags(items, { state: 'constructor:on' }))).toEqual([])
    expect(filterFlags(items, { state: 'nonsense' })).toHaveLength(4)
  })

  it('leave archived flags out unless they are asked for', () => {
    expect(keys(filterFlags(items, {}))).not.toContain('gone')
    expect(keys(filterFlags(items, { archived: 'true' }))).toEqual(['gone'])
    expect(filterFlags(items, { archived: 'all' })).toHaveLength(5)
  })

  it('know where a flag is in its life', () => {
    const stale = flag('stale', { lifecycle: { stage: 'stale', reasons: ['pastLifetime'] } })
    expect(keys(filterFlags([...items, stale], { lifecycle: 'stale' }))).toEqual(['stale'])
  })

  it('know whose a flag is', () => {
    expect(keys(filterFlags(items, { owner: 'me' }))).toEqual(['rolling'])
    expect(keys(filterFlags(items, { owner: 'none' }))).toEqual(['on', 'off', 'killed'])
  })
})

describe('The order of the flag list', () => {
  const items = [flag('b', { changedAt: '2026-01-02T00:00:00+00:00' }), flag('a10'), flag('a9', { changedAt: '2026-01-03T00:00:00+00:00' })]

  it('is recently changed first, or what was chosen', () => {
    expect(keys(sortFlags(items, undefined))).toEqual(['a9', 'b', 'a10'])
    expect(keys(sortFlags(items, 'key'))).toEqual(['a9', 'a10', 'b'])
    expect(keys(sortFlags(items, '-key'))).toEqual(['b', 'a10', 'a9'])
    expect(keys(sortFlags(items, 'constructor'))).toEqual(['a9', 'b', 'a10'])
  })

  it('stays while flags change, and new ones come first', () => {
    const places = new Map<string, number>()
    expect(keys(keepPlaces(items, undefined, places))).toEqual(['a9', 'b', 'a10'])
    const later = [...items.map((item) => (item.key === 'a10' ? { ...item, changedAt: '2026-02-01T00:00:00+00:00' } : item)), flag('new')]
    expect(keys(keepPlaces(later, undefined, places))).toEqual(['new', 'a9', 'b', 'a10'])
  })
})

describe('The selection of flags', () => {
  const list = ['a', 'b', 'c', 'd']

  it('reaches from the last row to this one with shift', () => {
    expect([...select(new Set(['a']), list, 'c', true, 'a')]).toEqual(['a', 'b', 'c'])
    expect([...select(new Set(list), list, 'b', false, 'd')]).toEqual(['a'])
    expect([...select(new Set(), list, 'c', true, 'gone')]).toEqual(['c'])
  })

  it('never holds more than one request may change', () => {
    const many = Array.from({ length: 900 }, (_, index) => `f${index}`)
    expect(select(new Set(), many, 'f899', true, 'f0').size).toBe(500)
  })

  it('holds nothing that the filters hide', () => {
    expect([...stillThere(new Set(['a', 'x']), list)]).toEqual(['a'])
  })
})

describe('The address of the flag list', () => {
  it('is kept by a view and read back', () => {
    const search = { search: 'a&b=c', kind: 'release' as const, state: 'prod:on', columns: 'usage,env.prod', view: 'id' }
    expect(searchOf(queryOf(search))).toEqual({ ...searchOf(''), ...search, view: undefined })
    expect(queryOf({ sort: 'key', archived: 'all' })).toBe('archived=all&sort=key')
  })

  it('drops what means nothing', () => {
    expect(searchOf('kind=nonsense&archived=maybe&surprise=1')).toEqual(searchOf(''))
  })
})

describe('The columns', () => {
  const environments = ['dev', 'stage', 'prod', 'e4', 'e5', 'e6', 'e7'].map(environment)

  it('are written and read back', () => {
    const columns = readColumns('owner,env.prod,env.gone,nonsense', environments, undefined)
    expect(columns.environments.map(({ key }) => key)).toEqual(['prod'])
    expect(writeColumns(columns)).toBe('owner,env.prod')
    expect(readColumns(writeColumns({ plain: new Set(), environments: [] }), environments, undefined)).toEqual({ plain: new Set(), environments: [] })
  })

  it('always begin with the chosen environment among few', () => {
    expect(readColumns(null, environments, environments[6]).environments.map(({ key }) => key)).toEqual(['dev', 'stage', 'prod', 'e4', 'e5', 'e7'])
  })
})

describe('The list', () => {
  it('takes single flags as they are now, drops those that are gone and never goes back in time', () => {
    const list = { items: [flag('a'), flag('b', { changedAt: '2026-05-01T00:00:00+00:00' }), flag('c')], people: { one: 'One' } }
    const some = { items: [flag('a', { name: 'New' }), flag('b', { name: 'Old' }), flag('d')], people: { two: 'Two' } }
    const merged = merge(list, ['a', 'b', 'c', 'd'], some)
    expect(merged.items.map((item) => item.name)).toEqual(['New', 'b', 'd'])
    expect(merged.people).toEqual({ one: 'One', two: 'Two' })
    expect(list.items).toHaveLength(3)
  })
})
