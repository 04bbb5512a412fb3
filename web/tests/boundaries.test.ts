import { readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sources } from './sources'

/** Every import of a file, as a path below `src`. */
function imports(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => target.startsWith('.') || target.startsWith('@/'))
    .map((target) => (target.startsWith('@/') ? target.slice(2) : relative('src', join(dirname(path), target)).split(sep).join('/')))
}

const files = sources('src').map((path) => ({ path, place: relative('src', path).split(sep).join('/') }))
const feature = (place: string) => /^features\/([^/]+)\//.exec(place)?.[1]

describe('The parts of the application', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(20)
  })

  it('keep features apart: no feature imports another', () => {
    const crossings = files.flatMap(({ path, place }) =>
      imports(path)
        .filter((target) => feature(place) !== undefined && feature(target) !== undefined && feature(target) !== feature(place))
        .map((target) => `${place} imports ${target}`),
    )
    expect(crossings).toEqual([])
  })

  it('depend one way: app, then features, then shared', () => {
    const upward = files.flatMap(({ path, place }) =>
      imports(path)
        .filter(
          (target) =>
            (place.startsWith('shared/') && /^(features|app)\//.test(target)) ||
            (place.startsWith('features/') && target.startsWith('app/')),
        )
        .map((target) => `${place} imports ${target}`),
    )
    expect(upward).toEqual([])
  })

  it('have no barrel files', () => {
    const barrels = files.filter(
      ({ path, place }) => /\/index\.tsx?$/.test(place) && !place.startsWith('shared/i18n/') && /export .* from/.test(readFileSync(path, 'utf8')),
    )
    expect(barrels.map(({ place }) => place)).toEqual([])
  })
})
