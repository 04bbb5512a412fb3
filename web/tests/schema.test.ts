import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clientTypes } from '../generate.js'

it('The client is the one of spec/openapi.json (if not: npm run generate)', { timeout: 60_000 }, async () => {
  const wanted = await clientTypes()
  const committed = readFileSync('src/shared/api/schema.ts', 'utf8')
  // A comparison of booleans, because a diff of 8,000 lines helps nobody.
  expect(wanted.trim() === committed.trim()).toBe(true)
})
