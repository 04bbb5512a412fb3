import { describe, expect, it } from 'vitest'
import { isHeavy } from '../src/shared/components/heavyText'

describe('A text for the editor', () => {
  it('is light as long as somebody could have written it', () => {
    expect(isHeavy('')).toBe(false)
    expect(isHeavy(JSON.stringify({ a: Array.from({ length: 500 }, (_, id) => ({ id, text: '[[[{{{' })) }, null, 2))).toBe(false)
    expect(isHeavy('['.repeat(100) + ']'.repeat(100))).toBe(false)
    expect(isHeavy('[]{}'.repeat(400))).toBe(false)
  })

  it('is heavy when its brackets go too deep, its lines too far, or it is too long', () => {
    expect(isHeavy('['.repeat(3000))).toBe(true)
    expect(isHeavy('{"a":\n'.repeat(101))).toBe(true)
    expect(isHeavy('x'.repeat(2002))).toBe(true)
    expect(isHeavy('1\n'.repeat(200_000))).toBe(true)
  })

  it('counts no brackets inside of texts, and none that close nothing', () => {
    expect(isHeavy(`"${'['.repeat(1000)}"`)).toBe(false)
    expect(isHeavy(`"\\"${'['.repeat(1000)}"`)).toBe(false)
    expect(isHeavy(`"\n${'['.repeat(101)}`)).toBe(true)
    expect(isHeavy(`${']'.repeat(200)}${'['.repeat(100)}`)).toBe(false)
  })

  it('is told in no time', () => {
    const text = '{"a":"b"},\n'.repeat(27_000)
    const started = performance.now()
    isHeavy(text)
    expect(performance.now() - started).toBeLessThan(200)
  })
})
