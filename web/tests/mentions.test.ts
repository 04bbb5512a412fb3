import { describe, expect, it } from 'vitest'
import { complete, mentioned, pieces, typingAt } from '@/features/changes/mentions'

const anna = { id: '1', name: 'Anna' }
const annaSmith = { id: '2', name: 'Anna Smith' }

describe('mentions', () => {
  it.each([
    ['@', 1, { from: 0, search: '' }],
    ['hi @an', 6, { from: 3, search: 'an' }],
    ['hi @Anna Sm', 11, { from: 3, search: 'Anna Sm' }],
    ['(@an and more', 4, { from: 1, search: 'an' }],
    ['line\n@a', 7, { from: 5, search: 'a' }],
    ['mail@example.com', 16, null],
    ['hi @an', 2, null],
    ['hi @ there', 10, null],
    ['@Anna ', 6, null],
    ['@Anna  x', 8, null],
    ['nothing', 7, null],
  ])('%j at %i is %j', (text, caret, expected) => expect(typingAt(text, caret)).toEqual(expected))

  it('puts a name where one was typed', () => {
    expect(complete('hi @an, look', 6, { from: 3, search: 'an' }, 'Anna Smith')).toEqual({ text: 'hi @Anna Smith, look', caret: 14 })
    expect(complete('@a look', 2, { from: 0, search: 'a' }, 'Anna')).toEqual({ text: '@Anna look', caret: 6 })
  })

  it('names those who are still in the text, once', () => {
    expect(mentioned('@Anna Smith, please', [annaSmith, annaSmith, { id: '3', name: 'Bob' }])).toEqual([annaSmith])
    expect(mentioned('nobody', [anna])).toEqual([])
  })

  it('sets mentions apart, the longer name first', () => {
    expect(pieces('@Anna Smith and @Anna, not @Bob', [anna, annaSmith])).toEqual([
      { text: '@Anna Smith', isMention: true },
      { text: ' and ', isMention: false },
      { text: '@Anna', isMention: true },
      { text: ', not @Bob', isMention: false },
    ])
    expect(pieces('plain', [])).toEqual([{ text: 'plain', isMention: false }])
    expect(pieces('', [anna])).toEqual([])
  })
})
