import { describe, expect, it } from 'vitest'
import { documentOf, merge } from '../src/features/changes/collisions'
import type { RequestedChange } from '../src/shared/changes/changeRequests'

const rule = (id: string, variant: string) => ({ id, if: { and: [] }, then: { variant } })
const change = (body: unknown, before: unknown, path = 'flags/f/environments/prod', method = 'PUT') =>
  ({ position: 0, method, path, body, before: { [path]: before } }) as unknown as RequestedChange
const state = (part: object = {}) => ({ prerequisites: [], targets: [], rules: [rule('a', 'on'), rule('b', 'on')], default: { variant: 'off' }, offVariant: null, ...part })

describe('What both sides changed', () => {
  it('is put together where they changed different members', () => {
    const { collisions, resolve } = merge(change({ ...state(), default: { variant: 'on' }, reason: 'x' }, state()), state({ offVariant: 'off', version: 9 }))
    expect(collisions).toEqual([])
    expect(resolve(() => null)).toEqual({ ...state(), default: { variant: 'on' }, offVariant: 'off', reason: 'x' })
  })

  it('is put together rule by rule', () => {
    const mine = state({ rules: [rule('a', 'off'), rule('b', 'on')] })
    const theirs = state({ rules: [rule('a', 'on'), rule('b', 'off')] })
    const { collisions, resolve } = merge(change(mine, state()), theirs)
    expect(collisions).toEqual([])
    expect(resolve(() => null).rules).toEqual([rule('a', 'off'), rule('b', 'off')])
  })

  it('is asked about where they changed the same member differently', () => {
    const mine = state({ rules: [rule('a', 'off'), rule('b', 'on')], default: { variant: 'x' } })
    const theirs = state({ rules: [rule('b', 'on'), rule('a', 'on')], default: { variant: 'y' }, offVariant: 'z' })
    const { collisions, resolve } = merge(change(mine, state()), theirs)
    expect(collisions.map(({ member }) => member)).toEqual(['rules', 'default'])
    const result = resolve(({ member, mine: my, theirs: their }) => (member === 'rules' ? their : my))
    expect(result).toMatchObject({ rules: theirs.rules, default: { variant: 'x' }, offVariant: 'z' })
  })

  it('is nothing where both made the same of it, absent or null', () => {
    expect(merge(change({ default: { variant: 'on' } }, state({ rules: [] })), state({ rules: [], default: { variant: 'on' } })).collisions).toEqual([])
  })

  it('reads people and conditions by the names that the log has for them', () => {
    const patch = change({ owner: '1', name: 'mine' }, { ownerId: null, name: 'was' }, 'flags/f', 'PATCH')
    const { collisions, resolve } = merge(patch, { owner: { id: '2', name: 'Ada' }, name: 'was' })
    expect(collisions).toEqual([{ member: 'owner', before: null, mine: '1', theirs: '2' }])
    expect(resolve(({ theirs }) => theirs)).toEqual({ owner: '2', name: 'mine' })
    const put = change({ name: 's', if: { segment: 'x' } }, { name: 's', description: '', condition: null }, 'segments/s')
    expect(merge(put, { name: 's', description: 'new', if: null }).resolve(() => 0)).toEqual({ name: 's', if: { segment: 'x' }, description: 'new' })
  })

  it('is decided here for documents only', () => {
    expect(documentOf(change({}, {}, 'flags/f/archive', 'POST'))).toBeNull()
    expect(documentOf(change({}, {}, 'flags/f', 'DELETE'))).toBeNull()
  })
})
