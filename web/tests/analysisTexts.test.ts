import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { en } from '@/shared/targeting/texts/en'
import { ru } from '@/shared/targeting/texts/ru'

const document = readFileSync('../docs/analysis.md', 'utf8')
const codes = [...document.matchAll(/^### `([a-z_]+)`$/gm)].map((match) => match[1])
const kinds = new Set([...document.matchAll(/^Fixes: (.*)$/gm)].flatMap((match) => [...(match[1] ?? '').matchAll(/`([a-z_]+)`/g)].map((kind) => kind[1])))

describe('What the analysis says', () => {
  it('is said in every language: each code and each fix of the documentation', () => {
    for (const texts of [en, ru]) {
      expect(Object.keys(texts.problems).sort()).toEqual([...codes].sort())
      expect(Object.keys(texts.fixes).sort()).toEqual([...kinds].sort())
    }
  })

  it('names the values', () => {
    const values = new Proxy({}, { get: (_, name) => `<${String(name)}>` })
    for (const texts of [en, ru]) {
      expect(texts.problems.shadowed_rule(values)).toMatch(/<rule>.*<by>.*<condition>/)
      expect(texts.problems.contradiction(values)).toMatch(/<second>.*<first>/)
      expect(texts.problems.prerequisite_never_met({ flag: 'f', serves: 'off', wanted: 'on', why: 'killed' })).toMatch(/f.*off.*on/)
      expect(texts.fixes.move_rule(values)).toMatch(/<rule>.*<first>/)
    }
    for (const text of [...Object.values(ru.problems), ...Object.values(ru.fixes)]) {
      expect((text as (values: Record<string, string>) => string)({})).toMatch(/[а-яё]/i)
    }
  })
})
