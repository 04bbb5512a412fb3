import { describe, expect, it } from 'vitest'
import { faultOf, toLines } from '@/features/segments/keyText'
import { splitList } from '@/shared/components/splitList'

describe('a pasted list', () => {
  it('is split at lines, commas, semicolons and tabs, without what is empty', () => {
    expect(splitList('a, b;;c\td\r\n\r\n  e  \n,\n')).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('keeps what stands in quotes together, as spreadsheets write it', () => {
    expect(splitList('"Doe, Jane","say ""hi""";plain\n"one"\t"two;three"')).toEqual(['Doe, Jane', 'say "hi"', 'plain', 'one', 'two;three'])
  })

  it('takes quotes that begin nothing as they are', () => {
    expect(splitList('5" pipe, "open\nnext", it\'s, "a" b')).toEqual(['5" pipe', '"open', 'next"', "it's", '"a" b'])
  })

  it('is read quickly however long and hostile it is', () => {
    const before = performance.now()
    expect(splitList(Array.from({ length: 100_000 }, (_, index) => `"key-${index}`).join('\n'))).toHaveLength(100_000)
    expect(splitList('"'.repeat(50_000))).toHaveLength(1)
    expect(splitList('"a'.repeat(20_000)).length).toBeGreaterThan(0)
    expect(performance.now() - before).toBeLessThan(20_000)
  })

  it('becomes one key a line for a segment', () => {
    expect(toLines('\uFEFFa;b\n"c,d"')).toBe('a\nb\nc,d')
  })
})

describe('a file of keys', () => {
  const utf16 = new Uint8Array([0xff, 0xfe, 0x61, 0, 0x62, 0])
  it.each([
    ['empty', '', 'empty'],
    ['UTF-16', utf16, 'notText'],
    ['UTF-16 without a mark', utf16.slice(2), 'notText'],
    ['another encoding', new Uint8Array([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), 'notText'],
    ['text', 'a\nб\n', null],
    ['text that is cut within a character', `${'x'.repeat(256 * 1024 - 1)}б`, null],
  ])('that is %s', async (_, content, fault) => {
    expect(await faultOf(new Blob([content]))).toBe(fault)
  })
})
