/** Most flags that one request changes. */
export const mostSelected = 500

/** Selects or unselects one row, or with shift everything between the last one and this, as the last one was. */
export function select(
  selected: ReadonlySet<string>,
  keys: readonly string[],
  key: string,
  on: boolean,
  from: string | undefined,
): Set<string> {
  const next = new Set(selected)
  const here = keys.indexOf(key)
  const there = from === undefined ? here : keys.indexOf(from)
  const [start, end] = there < 0 ? [here, here] : [Math.min(here, there), Math.max(here, there)]
  for (const each of keys.slice(start, end + 1)) {
    if (!on) {
      next.delete(each)
    } else if (next.size < mostSelected) {
      next.add(each)
    }
  }
  return next
}

/** What of a selection is still on the list: nobody changes what they do not see. */
export function stillThere(selected: ReadonlySet<string>, keys: readonly string[]): Set<string> {
  return new Set(keys.filter((key) => selected.has(key)))
}
