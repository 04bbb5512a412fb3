import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { en as shared } from '../src/shared/i18n/en'
import { ru as sharedRussian } from '../src/shared/i18n/ru'
import { sources } from './sources'

type Tree = { [key: string]: unknown }

/** The catalogue and the texts that come with single pages, by the folder of these. */
const pages = (language: 'en' | 'ru') =>
  Object.entries(import.meta.glob<Record<string, Tree>>('../src/**/texts/*.ts', { eager: true }))
    .filter(([path]) => path.endsWith(`/${language}.ts`))
    .map(([path, module]) => [path.replace('../src/', '').replace(/\/texts.*/, ''), module[language]] as const)
const en: Tree = { ...shared, ...Object.fromEntries(pages('en')) }
const ru: Tree = { ...sharedRussian, ...Object.fromEntries(pages('ru')) }

function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leaves(value as Tree, `${path}${key}.`) : [[`${path}${key}`, value] as [string, unknown]],
  )
}

function say(text: unknown): string {
  return typeof text === 'function' ? String(text(...Array.from({ length: text.length }, () => 5))) : String(text)
}

describe('The catalogue', () => {
  // Names and words that are the same in both languages.
  const same = new Set([
    'app.name', 'flagTypes.json', 'createFlag.keyPlaceholder', ...['slack', 'mattermost', 'telegram'].map((brand) => `features/notifications.kinds.${brand}`),
    ...['ucb1', 'linUcb'].map((algorithm) => `features/flags/bandits.kinds.${algorithm}`),
  ])

  it('includes the texts of single pages', () => {
    expect(pages('en').map(([folder]) => folder)).toEqual(pages('ru').map(([folder]) => folder))
    expect(pages('en').length).toBeGreaterThan(3)
  })

  it('has the same texts in English and Russian', () => {
    expect(leaves(ru).map(([key]) => key).sort()).toEqual(leaves(en).map(([key]) => key).sort())
  })

  it('has no empty text', () => {
    for (const [key, text] of [...leaves(en), ...leaves(ru)]) {
      expect(say(text).trim(), key).not.toBe('')
    }
  })

  it('is translated, not copied', () => {
    const russian = new Map(leaves(ru))
    const copied = leaves(en)
      .filter(([key, text]) => !same.has(key) && /[A-Za-z]{2}/.test(say(text)) && !/[а-яё]/i.test(say(russian.get(key))))
      .map(([key]) => key)
    expect(copied).toEqual([])
  })

  it('holds every text of the pages', () => {
    const found: string[] = []
    for (const path of sources('src').filter((item) => item.endsWith('.tsx'))) {
      const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
      const visit = (node: ts.Node) => {
        if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) {
          found.push(`${path}: ${node.text.trim()}`)
        }
        if (
          ts.isJsxAttribute(node) &&
          /^(label|title|aria-label|placeholder|description|alt)$/.test(node.name.getText()) &&
          node.initializer !== undefined &&
          ts.isStringLiteral(node.initializer) &&
          /\p{L}{2}/u.test(node.initializer.text)
        ) {
          found.push(`${path}: ${node.initializer.text}`)
        }
        ts.forEachChild(node, visit)
      }
      visit(file)
    }
    expect(found).toEqual([])
  })
})
