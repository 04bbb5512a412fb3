import { same } from '../targeting/same'

/**
 * One property that differs. `document` is the part of the system that it belongs to (`flags/a/environments/prod`), empty
 * where the entry is about one thing only. Absent on one side: undefined.
 */
export type Difference = { document: string; path: string; before: unknown; after: unknown }

/** Members that change with every write and say nothing. */
const noise = new Set(['version', 'createdAt', 'updatedAt', 'updatedBy'])

/** What differs between two JSON documents, down to the properties; lists are compared as wholes. */
export function documentDiff(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = []
  const visit = (left: unknown, right: unknown, document: string, path: string) => {
    if (same(left, right)) {
      return
    }
    if (isObject(left) && isObject(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        if (!noise.has(key)) {
          // The outermost members of an entry are the documents that it touched, named by their place.
          const names = path === '' && document === '' && key.includes('/')
          visit(left[key], right[key], names ? key : document, names ? '' : path === '' ? key : `${path}.${key}`)
        }
      }
      return
    }
    found.push({ document, path, before: left, after: right })
  }
  visit(before ?? undefined, after ?? undefined, '', '')
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
