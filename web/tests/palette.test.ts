import { describe, expect, it } from 'vitest'
import { rank, score } from '../src/app/palette/fuzzy'
import { readWish } from '../src/app/palette/wish'
import { shortcutReader } from '../src/app/shortcuts/shortcuts'

const best = (query: string, keys: string[]) => rank(query, keys, (key) => [key]).map(({ item }) => item)

describe('Searching by parts of a key', () => {
  it('finds by the beginnings of parts, in any notation', () => {
    expect(best('nch', ['new-checkout', 'launch'])).toContain('new-checkout')
    expect(best('nc', ['payments.newCheckout', 'nothing'])[0]).toBe('payments.newCheckout')
    expect(best('new check', ['new-checkout', 'newsletter'])).toEqual(['new-checkout'])
    expect(best('v2', ['checkout-v2', 'checkout-v1'])).toEqual(['checkout-v2'])
  })

  it('puts the whole key first, then beginnings, then parts, then anything inside', () => {
    expect(best('check', ['recheck', 'new-check', 'checkout', 'check'])).toEqual(['check', 'checkout', 'new-check', 'recheck'])
  })

  it('finds nothing where letters only happen to follow each other', () => {
    expect(score('nwt', 'new-checkout')).toBeNull()
    expect(score('xyz', 'new-checkout')).toBeNull()
  })

  it('needs every word and is not confused by case, signs or length', () => {
    expect(score('CHECKOUT new', 'new-checkout')).not.toBeNull()
    expect(score('new gone', 'new-checkout')).toBeNull()
    expect(score('.*(', 'new-checkout')).toBeNull()
    expect(score('a'.repeat(90), 'a-'.repeat(2000))).not.toBeNull()
  })

  it('keeps the order of everything for no query', () => {
    expect(best('', ['b', 'a'])).toEqual(['b', 'a'])
  })
})

describe('A typed command', () => {
  const environments = [{ key: 'prod', name: 'Production' }, { key: 'dev', name: 'Development' }]

  it('names what to do, the flag and the environment', () => {
    expect(readWish('turn off new-checkout in prod', environments)).toEqual({ verb: 'off', flag: 'new-checkout', environment: environments[0] })
    expect(readWish('Enable dark mode in devel', environments)).toEqual({ verb: 'on', flag: 'dark mode', environment: environments[1] })
    expect(readWish('kill search', environments)).toEqual({ verb: 'kill', flag: 'search', environment: undefined })
  })

  it('can be said in Russian', () => {
    expect(readWish('выключить new-checkout в prod', environments)).toEqual({ verb: 'off', flag: 'new-checkout', environment: environments[0] })
  })

  it('is usable before it is complete', () => {
    expect(readWish('turn off', environments)).toEqual({ verb: 'off', flag: '', environment: undefined })
    expect(readWish('turn off x in', environments)).toEqual({ verb: 'off', flag: 'x', environment: undefined })
  })

  it('takes a flag that has the word in its name for what it is', () => {
    expect(readWish('one-click', environments)).toBeNull()
    expect(readWish('offers', environments)).toBeNull()
    expect(readWish('turn on opt in banner', environments)).toEqual({ verb: 'on', flag: 'opt in banner', environment: undefined })
  })
})

describe('Shortcuts', () => {
  const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, typing: false, ...more })

  it('open the palette with Ctrl or ⌘ and K, even while typing and on a Russian keyboard', () => {
    const read = shortcutReader()
    expect(read(press('k', { ctrlKey: true, typing: true }), 0, true)).toEqual({ kind: 'palette' })
    expect(read(press('л', { metaKey: true }), 0, false)).toEqual({ kind: 'palette' })
  })

  it('go to a page with two keys in time', () => {
    const read = shortcutReader()
    expect(read(press('g'), 1000, true)).toBeNull()
    expect(read(press('s'), 1500, true)).toEqual({ kind: 'go', to: 'segments' })
    read(press('g'), 2000, true)
    expect(read(press('s'), 4000, true)).toBeNull()
    read(press('п'), 5000, true)
    expect(read(press('а'), 5100, true)).toEqual({ kind: 'go', to: 'flags' })
  })

  it('leave typing alone and can be turned off', () => {
    const read = shortcutReader()
    expect(read(press('?', { typing: true }), 0, true)).toBeNull()
    expect(read(press('?'), 0, false)).toBeNull()
    expect(read(press('?'), 0, true)).toEqual({ kind: 'sheet' })
    read(press('g', { typing: true }), 0, true)
    expect(read(press('f'), 10, true)).toBeNull()
  })
})
