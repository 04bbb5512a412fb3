import type { FlagKind, FlagType } from '../api/types'

const types: FlagType[] = ['boolean', 'string', 'number', 'json']
const kinds: FlagKind[] = ['release', 'experiment', 'operational', 'permission']

/** The flag list's search, filters, order and columns, as they stand in the address. */
export type FlagListSearch = {
  search?: string
  type?: FlagType
  kind?: FlagKind
  tag?: string
  category?: string
  /** Id of a person, or `none`. */
  owner?: string
  /** `prod:on`: an environment and what the flag does there. */
  state?: string
  lifecycle?: string
  archived?: 'true' | 'all'
  sort?: string
  /** Keys of columns with commas between. */
  columns?: string
  /** Id of the saved view that was opened. */
  view?: string
}

/** The router reads `?flag=7` as a number; keys that look like numbers are texts all the same. */
const text = (value: unknown) =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

export function validateFlagListSearch(search: Record<string, unknown>): FlagListSearch {
  const archived = String(search.archived)
  return {
    search: text(search.search),
    type: types.find((type) => type === search.type),
    kind: kinds.find((kind) => kind === search.kind),
    tag: text(search.tag),
    category: text(search.category),
    owner: text(search.owner),
    state: text(search.state),
    lifecycle: text(search.lifecycle),
    archived: archived === 'true' || archived === 'all' ? archived : undefined,
    sort: text(search.sort),
    columns: text(search.columns),
    view: text(search.view),
  }
}

/** What a saved view keeps of the address: all but which view it is. */
export function queryOf({ view: _view, ...search }: FlagListSearch): string {
  const entries = Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return new URLSearchParams(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))).toString()
}

/** The search that {@link queryOf} wrote; what means nothing is left out. */
export function searchOf(query: string): FlagListSearch {
  return validateFlagListSearch(Object.fromEntries(new URLSearchParams(query)))
}
