import { describe, expect, it } from 'vitest'
import type { Configuration, Rule } from '../src/shared/api/types'
import { en as m } from '../src/shared/i18n/en'
import { configurationOf, fromConfigurationDraft, toConfigurationDraft } from '../src/shared/targeting/configuration'
import { diffConfigurations } from '../src/shared/targeting/diff'
import { changeNode, newClause, toCondition, toDraft } from '../src/shared/targeting/draft'
import type { Condition } from '../src/shared/targeting/model'
import { adaptValue, operatorsFor, parseScalar } from '../src/shared/targeting/operators'
import { parseConfiguration } from '../src/shared/targeting/parse'
import { normalisePath, problemsByNode } from '../src/shared/targeting/problems'
import { dependentsOf, layoutDependencies } from '../src/shared/targeting/dependencyLayout'
import { rebase } from '../src/shared/targeting/rebase'
import { sentenceText, serveText } from '../src/shared/targeting/sentence'
import { setShare, toShares, toWeights } from '../src/shared/targeting/weights'

const country: Condition = { attribute: 'country', operator: 'in', value: ['US', 'DE'] }
const plan: Condition = { attribute: 'plan', operator: 'eq', value: 'pro' }
const nested: Condition = {
  and: [country, { or: [plan, { segment: 'beta' }, { not: { percentage: 12.5, bucketBy: 'company', seed: 's1' } }] }],
}

const rule = (id: string, condition: Condition = plan, variant = 'on'): Rule => ({ id, if: condition, then: { variant } })
const configuration = (part: Partial<Configuration> = {}): Configuration => ({
  prerequisites: [],
  targets: [],
  rules: [],
  default: { variant: 'on' },
  offVariant: 'off',
  ...part,
})

describe('A condition', () => {
  const conditions: Condition[] = [
    nested,
    country,
    { and: [country] },
    { and: [] },
    { or: [] },
    { not: country },
    { not: { and: [country, plan] } },
    { segment: 'beta' },
    { attribute: 'email', operator: 'exists' },
    { attribute: 'email', operator: 'eq', value: 'A', ignoreCase: true },
    { attribute: 'age', operator: 'gt', value: 18 },
    { attribute: 'beta', operator: 'eq', value: false },
  ]
  it.each(conditions)('comes back from the editor as it was: %j', (condition) => {
    expect(toCondition(toDraft(condition))).toEqual(condition)
  })

  it('that is negated twice keeps its meaning', () => {
    expect(toCondition(toDraft({ not: { not: plan } }))).toEqual({ not: { and: [{ not: plan }] } })
  })

  it('without a group around it gets one when a second condition joins', () => {
    const root = toDraft(plan)
    const more = changeNode(root, root.id, (node) =>
      node.kind === 'group' ? { ...node, items: [...node.items, newClause('country')] } : node,
    )
    expect(toCondition(more)).toEqual({ and: [plan, { attribute: 'country', operator: 'eq', value: '' }] })
  })

  it('reads as a sentence', () => {
    expect(sentenceText(nested, m)).toBe(
      'country is one of US, DE and (plan is pro or in segment beta or not among 12.5 % by company)',
    )
    expect(sentenceText({ and: [] }, m)).toBe('everybody')
    expect(sentenceText({ attribute: 'n', operator: 'in', value: [1, 2, 3, 4, 5, 6, 7] }, m)).toBe(
      'n is one of 1, 2, 3, 4, 5 and 2 more',
    )
  })
})

describe('Operators', () => {
  it('follow the type of the attribute', () => {
    expect(operatorsFor('semver')).toContain('semver_gte')
    expect(operatorsFor('number')).not.toContain('contains')
    expect(operatorsFor(undefined)).toHaveLength(Object.keys(m.operators).length)
  })

  it('keep what they can of a value when changed', () => {
    expect(adaptValue('US', 'in', 'string')).toEqual(['US'])
    expect(adaptValue(['US', 'DE'], 'eq', 'string')).toBe('US')
    expect(adaptValue(['a'], 'contains', 'string')).toBe('a')
    expect(adaptValue('x', 'exists', 'string')).toBeUndefined()
    expect(adaptValue('17', 'gt', 'number')).toBe(17)
    expect(adaptValue(undefined, 'eq', 'boolean')).toBe(true)
  })

  it('type what is typed by the attribute', () => {
    expect(parseScalar('18', 'number')).toBe(18)
    expect(parseScalar('18', 'string')).toBe('18')
    expect(parseScalar('0x10', 'number')).toBe('0x10')
    expect(parseScalar('true', 'boolean')).toBe(true)
  })
})

describe('Weights', () => {
  it('become shares that add up', () => {
    const shares = toShares([{ key: 'a', weight: 1 }, { key: 'b', weight: 1 }, { key: 'c', weight: 1 }])
    expect(shares.reduce((sum, share) => sum + share)).toBe(10_000)
    expect(toShares([{ key: 'a', weight: 0 }, { key: 'b', weight: 0 }])).toEqual([5_000, 5_000])
  })

  it('are whole percents where they can be', () => {
    expect(toWeights(['a', 'b'], [2_500, 7_500])).toEqual([{ key: 'a', weight: 25 }, { key: 'b', weight: 75 }])
    expect(toWeights(['a', 'b'], [1, 9_999])).toEqual([{ key: 'a', weight: 1 }, { key: 'b', weight: 9_999 }])
  })

  it('move as few people as possible: the next variant pays first', () => {
    expect(setShare([5_000, 3_000, 2_000], 0, 6_000)).toEqual([6_000, 2_000, 2_000])
    expect(setShare([5_000, 3_000, 2_000], 0, 9_000)).toEqual([9_000, 0, 1_000])
    expect(setShare([5_000, 3_000, 2_000], 2, 6_000)).toEqual([4_000, 0, 6_000])
    expect(setShare([5_000, 5_000], 1, 2_500)).toEqual([7_500, 2_500])
  })

  it('read as percents', () => {
    expect(serveText({ rollout: { variations: [{ key: 'a', weight: 1 }, { key: 'b', weight: 3 }] } }, m)).toBe('25 % a, 75 % b')
  })
})

describe('A configuration', () => {
  const full = configuration({
    prerequisites: [{ flag: 'payments', variants: ['on'] }],
    targets: [{ variant: 'on', keys: ['u1'] }],
    rules: [rule('r1', nested), { ...rule('r2', plan), name: 'Pros' }],
  })

  it('comes back from the editor as it was', () => {
    expect(fromConfigurationDraft(toConfigurationDraft(full))).toEqual(full)
  })

  it('comes back from JSON as it was', () => {
    expect(parseConfiguration(JSON.stringify(full))).toEqual(full)
  })

  it('is taken from a view without what belongs to the server', () => {
    expect(configurationOf({ ...full, flag: 'x', version: 3 } as never)).toEqual(full)
  })

  it.each([
    ['[]', 'expected an object'],
    ['{"default":{}}', 'exactly one of variant'],
    ['{"default":{"variant":"a"},"x":1}', 'unknown property "x"'],
    ['{"default":{"variant":"a"},"rules":[{"id":"r","if":{"and":[],"or":[]},"then":{"off":true}}]}', '/rules/0/if: expected exactly one'],
    ['{"default":{"variant":"a"},"rules":[{"id":"r","if":{"attribute":"a","operator":"nope"},"then":{"off":true}}]}', 'unknown operator'],
    ['{"default":{"rollout":{"variations":[{"key":"a","weight":0.5}]}}}', '/default/rollout/variations/0/weight'],
  ])('that is not one is refused with the place: %s', (text, message) => {
    expect(() => parseConfiguration(text)).toThrow(message)
  })

  it('nested too deep is refused, not crashed on', () => {
    const deep = '{"not":'.repeat(5_000) + '{"segment":"a"}' + '}'.repeat(5_000)
    expect(() => parseConfiguration(`{"default":{"off":true},"rules":[{"id":"r","then":{"off":true},"if":${deep}}]}`)).toThrow('at most 32')
  })
})

describe('Problems', () => {
  it('find their node whatever the notation of the path', () => {
    const draft = toConfigurationDraft(configuration({ rules: [rule('r1', nested)] }))
    const paths = new Map<string, string>()
    fromConfigurationDraft(draft, paths)
    const problem = (path: string) => ({ severity: 'warning' as const, code: 'c', message: '', path, values: {}, fixes: [] })
    const ids = ['/rules/0/if/and/1/or/0/value', 'rules[0].if.and[1].or[0]', '$.rules[0].if.and[1].or[0].operator'].map(
      (path) => [...problemsByNode([problem(path)], paths).keys()][0],
    )
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toBe(paths.get('/rules/0/if/and/1/or/0'))
    expect(normalisePath('')).toBe('')
  })
})

describe('The difference between two configurations', () => {
  const diff = (before: Configuration, after: Configuration) => diffConfigurations(before, after, m)

  it('is empty for the same', () => {
    expect(diff(configuration({ rules: [rule('r1')] }), configuration({ rules: [rule('r1')] }))).toEqual([])
  })

  it('names rules that were added, changed and removed', () => {
    const changes = diff(
      configuration({ rules: [rule('r1'), rule('r2')] }),
      configuration({ rules: [rule('r1', country), rule('r3')] }),
    )
    expect(changes).toEqual([
      { kind: 'changed', what: 'Rule 1', before: 'plan is pro → on', after: 'country is one of US, DE → on' },
      { kind: 'added', what: 'Rule 2', after: 'plan is pro → on' },
      { kind: 'removed', what: 'Rule 2', before: 'plan is pro → on' },
    ])
  })

  it('calls only the rule that moved moved', () => {
    const changes = diff(
      configuration({ rules: [rule('a'), rule('b'), rule('c'), rule('d')] }),
      configuration({ rules: [rule('d'), rule('a'), rule('b'), rule('c')] }),
    )
    expect(changes).toEqual([{ kind: 'moved', what: 'Rule 1', before: '4', after: '1' }])
  })

  it('tells individuals, prerequisites, the default and the off variant', () => {
    const changes = diff(
      configuration({ targets: [{ variant: 'on', keys: ['u1', 'u2'] }] }),
      configuration({
        targets: [{ variant: 'on', keys: ['u2', 'u3'] }],
        prerequisites: [{ flag: 'payments', variants: ['on'] }],
        default: { rollout: { variations: [{ key: 'on', weight: 10 }, { key: 'off', weight: 90 }] } },
        offVariant: null,
      }),
    )
    expect(changes.map(({ kind, what, before, after }) => [kind, what, before, after])).toEqual([
      ['added', 'Prerequisite payments', undefined, 'on'],
      ['changed', 'Individuals for on', 'u1', 'u3'],
      ['changed', 'Everybody else', 'on', '10 % on, 90 % off'],
      ['changed', 'When off', 'off', 'As set for the flag'],
    ])
  })
})

describe('Putting changes on top of somebody else’s', () => {
  const base = configuration({ rules: [rule('a'), rule('b')] })

  it('keeps both when they touch different things', () => {
    const mine = configuration({ rules: [rule('a', country), rule('b')] })
    const theirs = configuration({ rules: [rule('a'), rule('b'), rule('c')], default: { off: true } })
    const { merged, clashes } = rebase(base, mine, theirs)
    expect(clashes).toEqual([])
    expect(merged).toEqual(configuration({ rules: [rule('a', country), rule('b'), rule('c')], default: { off: true } }))
  })

  it('keeps mine and says so when both changed the same rule', () => {
    const { merged, clashes } = rebase(
      base,
      configuration({ rules: [rule('a', country), rule('b')] }),
      configuration({ rules: [rule('a', { segment: 'x' }), rule('b')] }),
    )
    expect(merged.rules[0]).toEqual(rule('a', country))
    expect(clashes).toEqual([{ part: 'rule', id: 'a', field: 'if' }])
  })

  it('takes theirs where that was chosen, and leaves everything else merged', () => {
    const mine = configuration({ rules: [{ ...rule('a', country), name: 'Mine' }, rule('b')] })
    const theirs = configuration({ rules: [{ ...rule('a', { segment: 'x' }), then: { variant: 'off' } }, rule('b')] })
    const { merged, clashes } = rebase(base, mine, theirs, (id) => (id === 'rule if a' ? 'theirs' : 'mine'))
    expect(clashes).toEqual([{ part: 'rule', id: 'a', field: 'if' }])
    expect(merged.rules[0]).toEqual({ id: 'a', name: 'Mine', if: { segment: 'x' }, then: { variant: 'off' } })
  })

  it('tells a rule that one side removed and the other changed', () => {
    const gone = configuration({ rules: [rule('b')] })
    const changed = configuration({ rules: [rule('a', country), rule('b')] })
    expect(rebase(base, gone, changed).clashes).toEqual([{ part: 'rule', id: 'a', field: 'whole' }])
    expect(rebase(base, gone, changed).merged.rules.map(({ id }) => id)).toEqual(['b'])
    expect(rebase(base, gone, changed, () => 'theirs').merged.rules.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('merges individuals key by key', () => {
    const on = (...keys: string[]) => ({ variant: 'on', keys })
    const off = (...keys: string[]) => ({ variant: 'off', keys })
    const old = configuration({ targets: [on('a', 'b', 'c')] })
    const mine = configuration({ targets: [on('a', 'b', 'mine'), off('c')] })
    const theirs = configuration({ targets: [on('a', 'c', 'theirs')] })
    expect(rebase(old, mine, theirs)).toEqual({
      merged: configuration({ targets: [on('a', 'theirs', 'mine'), off('c')] }),
      clashes: [],
    })
    const moved = rebase(old, mine, configuration({ targets: [on('a', 'b')] }))
    expect(moved.clashes).toEqual([{ part: 'targets', keys: ['c'] }])
    expect(moved.merged.targets).toEqual([on('a', 'b', 'mine'), off('c')])
    expect(rebase(old, mine, configuration({ targets: [on('a', 'b')] }), () => 'theirs').merged.targets).toEqual([on('a', 'b', 'mine')])
  })

  it('merges prerequisites flag by flag', () => {
    const needs = (...flags: string[]) => configuration({ prerequisites: flags.map((flag) => ({ flag, variants: ['on'] })) })
    expect(rebase(needs('a', 'b'), needs('a', 'b', 'mine'), needs('b', 'theirs')).merged.prerequisites.map(({ flag }) => flag)).toEqual([
      'b',
      'theirs',
      'mine',
    ])
  })

  it('does not bring back what one side removed', () => {
    const { merged, clashes } = rebase(base, configuration({ rules: [rule('a'), rule('b')] }), configuration({ rules: [rule('b')] }))
    expect(merged.rules.map(({ id }) => id)).toEqual(['b'])
    expect(clashes).toEqual([])
  })

  it('keeps my order and puts their new rule behind the one it followed', () => {
    const { merged } = rebase(
      base,
      configuration({ rules: [rule('b'), rule('a')] }),
      configuration({ rules: [rule('a'), rule('new'), rule('b')] }),
    )
    expect(merged.rules.map(({ id }) => id)).toEqual(['b', 'a', 'new'])
  })

  it('puts both first rules one after the other, theirs first', () => {
    const empty = configuration()
    const { merged, clashes } = rebase(empty, configuration({ rules: [rule('m')] }), configuration({ rules: [rule('t')] }))
    expect(merged.rules.map(({ id }) => id)).toEqual(['t', 'm'])
    expect(clashes).toEqual([])
  })

  it('is quiet when both did the same', () => {
    const both = configuration({ rules: [rule('a', country), rule('b')] })
    expect(rebase(base, both, structuredClone(both)).clashes).toEqual([])
  })
})

describe('The drawing of dependencies', () => {
  const edge = (flag: string, needs: string) => ({ flag, needs, variants: ['on'] })

  it('puts each flag as far out as its longest chain, needs left and dependents right', () => {
    const edges = [edge('me', 'a'), edge('me', 'b'), edge('b', 'a'), edge('user', 'me'), edge('far', 'user'), edge('far', 'me')]
    const columns = new Map(layoutDependencies('me', ['a', 'b', 'far', 'me', 'user'], edges).map(({ key, column }) => [key, column]))
    expect(Object.fromEntries(columns)).toEqual({ a: -2, b: -1, me: 0, user: 1, far: 2 })
  })

  it('ends with a circle too, and knows what would make one', () => {
    const circle = [edge('me', 'a'), edge('a', 'b'), edge('b', 'me')]
    expect(layoutDependencies('me', ['a', 'b', 'me'], circle)).toHaveLength(3)
    expect([...dependentsOf('me', [edge('x', 'me'), edge('y', 'x'), edge('me', 'z')])]).toEqual(['x', 'y'])
  })
})
