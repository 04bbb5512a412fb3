import { describe, expect, it } from 'vitest'
import type { MeView } from '../src/shared/api/types'
import { may, maySomewhere } from '../src/shared/project/me'

const organization = (part: object) => ({ key: 'acme', name: 'Acme', role: null, roles: [], permissions: [], projects: {}, requirement: null, ...part })
const me = (part: object) => ({ organizations: [organization(part)] }) as unknown as MeView
const dev = { org: 'acme', project: 'shop', environment: 'dev' }

describe('A permission', () => {
  it('of the organization holds everywhere in it, and in no other', () => {
    const owner = me({ permissions: ['flag.toggle'] })
    expect(may(owner, 'flag.toggle', dev)).toBe(true)
    expect(may(owner, 'flag.toggle', { org: 'acme' })).toBe(true)
    expect(may(owner, 'flag.toggle', { org: 'other', project: 'shop' })).toBe(false)
    expect(may(owner, 'flag.manage', dev)).toBe(false)
  })

  it('of a project holds in its environments, not in the organization or another project', () => {
    const member = me({ projects: { shop: { permissions: ['flag.toggle'], environments: {} } } })
    expect(may(member, 'flag.toggle', dev)).toBe(true)
    expect(may(member, 'flag.toggle', { org: 'acme', project: 'shop' })).toBe(true)
    expect(may(member, 'flag.toggle', { org: 'acme', project: 'other' })).toBe(false)
    expect(may(member, 'flag.toggle', { org: 'acme' })).toBe(false)
    expect(maySomewhere(member, 'flag.toggle', { org: 'acme' })).toBe(true)
  })

  it('of an environment holds there only', () => {
    const tester = me({ projects: { shop: { permissions: ['flag.view'], environments: { dev: ['flag.toggle'] } } } })
    expect(may(tester, 'flag.toggle', dev)).toBe(true)
    expect(may(tester, 'flag.toggle', { ...dev, environment: 'prod' })).toBe(false)
    expect(may(tester, 'flag.toggle', { org: 'acme', project: 'shop' })).toBe(false)
    expect(maySomewhere(tester, 'flag.toggle', { org: 'acme', project: 'shop' })).toBe(true)
    expect(maySomewhere(tester, 'flag.toggle', { org: 'acme', project: 'other' })).toBe(false)
  })

  it('is not found in what every object has', () => {
    const nobody = me({})
    expect(may(nobody, 'flag.toggle', { org: 'acme', project: 'constructor' })).toBe(false)
    expect(may(undefined, 'flag.toggle', dev)).toBe(false)
  })
})
