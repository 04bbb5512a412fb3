import { describe, expect, it } from 'vitest'
import type { TargetingFix } from '@/shared/api/types'
import { applyFix, FixError } from '@/shared/targeting/applyFix'

type Operation = TargetingFix['operations'][number]

const fix = (...operations: (Partial<Operation> & Pick<Operation, 'op' | 'path'>)[]): TargetingFix => ({
  kind: 'k',
  label: '',
  operations: operations.map((operation) => ({ from: null, value: null, ...operation })),
})

describe('A fix', () => {
  const document = { rules: [{ id: 'a', if: { and: [1, 2, 3] } }, { id: 'b' }, { id: 'c' }], 'a/b~c': 1 }

  it('removes, replaces and moves, and leaves the document as it is', () => {
    const before = structuredClone(document)
    expect(applyFix(document, fix({ op: 'remove', path: '/rules/0/if/and/1' })).rules[0]).toEqual({ id: 'a', if: { and: [1, 3] } })
    expect(applyFix(document, fix({ op: 'replace', path: '/rules/0/if', value: { and: [] } })).rules[0]).toEqual({ id: 'a', if: { and: [] } })
    expect(applyFix(document, fix({ op: 'move', path: '/rules/0', from: '/rules/2' })).rules.map(({ id }) => id)).toEqual(['c', 'a', 'b'])
    expect(applyFix(document, fix({ op: 'remove', path: '/a~1b~0c' }))).not.toHaveProperty(['a/b~c'])
    expect(document).toEqual(before)
  })

  it('does its operations one after another', () => {
    expect(applyFix(document, fix({ op: 'remove', path: '/rules/0' }, { op: 'remove', path: '/rules/0' })).rules.map(({ id }) => id)).toEqual(['c'])
  })

  it('is refused where the document has no such place', () => {
    for (const path of ['', 'rules', '/rules/3', '/rules/-1', '/rules/0/none', '/constructor', '/rules/x', '/none/1']) {
      expect(() => applyFix(document, fix({ op: 'remove', path })), path).toThrow(FixError)
    }
    expect(() => applyFix(document, fix({ op: 'move', path: '/rules/0', from: '/rules/9' }))).toThrow(FixError)
  })
})
