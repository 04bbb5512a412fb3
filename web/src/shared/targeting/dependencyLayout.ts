/** One flag needs another to serve one of some variants. */
export type Edge = { flag: string; needs: string; variants: string[] }

/** A flag in the drawing: how many steps before (−) or after (+) the middle one, and which of those it is from the top. */
export type Placed = { key: string; column: number; row: number }

/**
 * Puts what a flag needs to its left and what needs it to its right, so that every arrow goes from left to right. Each
 * flag stands as far out as its longest chain asks for. A circle, which the server refuses, ends after as many steps as
 * there are flags.
 */
export function layoutDependencies(middle: string, keys: string[], edges: Edge[]): Placed[] {
  const column = new Map<string, number>([[middle, 0]])
  for (let round = 0; round < keys.length; round++) {
    for (const { flag, needs } of edges) {
      const after = column.get(flag)
      if (after !== undefined && after <= 0 && (column.get(needs) ?? 0) > after - 1 && needs !== middle) {
        column.set(needs, after - 1)
      }
      const before = column.get(needs)
      if (before !== undefined && before >= 0 && (column.get(flag) ?? -1) < before + 1 && flag !== middle) {
        column.set(flag, before + 1)
      }
    }
  }
  const rows = new Map<number, number>()
  return keys
    .filter((key) => column.has(key))
    .map((key) => {
      const at = column.get(key) ?? 0
      const row = rows.get(at) ?? 0
      rows.set(at, row + 1)
      return { key, column: at, row }
    })
}

/** The flags that need this one, directly or not: none of them can be its prerequisite. */
export function dependentsOf(middle: string, edges: Edge[]): Set<string> {
  const found = new Set<string>()
  const follow = (key: string) => {
    for (const { flag, needs } of edges) {
      if (needs === key && !found.has(flag)) {
        found.add(flag)
        follow(flag)
      }
    }
  }
  follow(middle)
  return found
}
