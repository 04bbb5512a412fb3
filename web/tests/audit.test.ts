import { expect, it } from 'vitest'
import { documentDiff } from '../src/shared/audit/documentDiff'

it('An audit entry tells the properties that differ, by document', () => {
  expect(
    documentDiff(
      { 'flags/a.b/environments/prod': { enabled: false, version: 1, rules: [] }, 'flags/a.b': { name: 'A' } },
      { 'flags/a.b/environments/prod': { enabled: true, version: 2, rules: [] }, 'flags/a.b': { name: 'B' } },
    ),
  ).toEqual([
    { document: 'flags/a.b/environments/prod', path: 'enabled', before: false, after: true },
    { document: 'flags/a.b', path: 'name', before: 'A', after: 'B' },
  ])
})

it('An entry without a before shows what came', () => {
  expect(documentDiff(null, { 'tags/x': { key: 'x' } })).toEqual([
    { document: '', path: '', before: undefined, after: { 'tags/x': { key: 'x' } } },
  ])
  expect(documentDiff(null, null)).toEqual([])
})
