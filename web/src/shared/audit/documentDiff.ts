import { same } from '../targeting/same'

/** One property that differs between two documents. Absent on one side: undefined. */
export type Difference = { path: string; before: unknown; after: unknown }

/** Members that change with every write and say nothing. */
const noise = new Set(['version', 'updatedAt', 'updatedBy'])

/** What differs between two JSON documents, down to the properties; lists are compared as wholes. */
export function documentDiff(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = []
  const visit = (left: unknown, right: unknown, path: string) => {
    if (same(left, right)) {
      return
    }
    if (isObject(left) && isObject(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        if (!noise.has(key)) {
          visit(left[key], right[key], path === '' ? key : `${path}.${key}`)
        }
      }
      return
    }
    found.push({ path, before: left, after: right })
  }
  visit(before ?? undefined, after ?? undefined, '')
  return found
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
