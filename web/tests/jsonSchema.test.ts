import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkValue } from '../src/features/flags/variants/schema/checkValue'
import { compilePattern } from '../src/features/flags/variants/schema/pattern'
import { readSchema, type SchemaNode } from '../src/features/flags/variants/schema/readSchema'
import { en } from '../src/features/flags/variants/texts/en'
import { ru } from '../src/features/flags/variants/texts/ru'

type Case = { schema: unknown; value?: unknown; faults?: string[]; refused?: string[] }
const cases = JSON.parse(readFileSync('../spec/json-schema-cases.json', 'utf8')) as Case[]
const checked = (schema: unknown, value: unknown) => checkValue(readSchema(schema).node, value)

describe('A schema', () => {
  it.each(cases.map((item) => ({ ...item, title: JSON.stringify(item) })))('gives the answer of the server: $title', ({ schema, value, faults, refused }) => {
    const read = readSchema(schema)
    expect(read.faults.map(({ path }) => path)).toEqual(refused ?? [])
    if (refused === undefined) {
      expect(checkValue(read.node, value)?.map(({ path }) => path)).toEqual(faults)
    }
    for (const { text, about } of read.faults.concat(refused === undefined ? (checkValue(read.node, value) ?? []) : [])) {
      expect(en.faults[text](about)).not.toBe('')
      expect(ru.faults[text](about)).toMatch(/[а-яё]/i)
    }
  })

  it('does not take members that every object has for its own', () => {
    expect(checked({ properties: { a: true }, additionalProperties: false }, JSON.parse('{"__proto__":1}'))?.[0]?.path).toBe('/__proto__')
    expect(checked({ required: ['toString'] }, {})?.length).toBe(1)
  })

  it('is left to the server where it would take long', () => {
    const many = Array.from({ length: 5000 }, (_, index) => index)
    expect(checked({ uniqueItems: true }, many)).toBeNull()
    expect(checkValue(deep(26), 1)).toBeNull()
    expect(readSchema(JSON.parse(`${'{"not":'.repeat(40)}true${'}'.repeat(40)}`)).faults[0]?.text).toBe('schemaDepth')
  })

  it('tells at most fifty things at once', () => {
    expect(checked({ items: { type: 'string' } }, Array.from({ length: 100 }, () => 1))?.length).toBe(50)
  })
})

/** The same two alternatives over and over: twice the work with every level. */
function deep(levels: number): SchemaNode {
  let node: SchemaNode = { types: ['string'] }
  for (let level = 0; level < levels; level += 1) {
    node = { anyOf: [node, node] }
  }
  return node
}

describe('A pattern', () => {
  it.each(['(a+)+$', '(a|a)*b', '^(?=.*\\d).+$', '(.*)(.*)(.*)x', '\\bword', '(?<n>a)\\k<n>', 'a{1,9}{1,9}', '\\p{L}', 'a++'])('is left to the server: %s', (pattern) => {
    expect(compilePattern(pattern)('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')).toBeUndefined()
  })

  it('is tried here where both read it alike', () => {
    expect(compilePattern('^[a-z]+@[a-z.]+$')('me@example.com')).toBe(true)
    expect(compilePattern('^#[0-9a-f]{6}$')('#12345')).toBe(false)
    expect(compilePattern('^.$')('\u2028')).toBeUndefined()
    expect(compilePattern('a')('a'.repeat(301))).toBeUndefined()
  })

  it('never holds up whoever types', () => {
    const started = performance.now()
    compilePattern('[ab]*[abc]+$')('a'.repeat(299) + '!')
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
