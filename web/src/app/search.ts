import type { FlagKind, FlagType } from '@/shared/api/types'

const types: FlagType[] = ['boolean', 'string', 'number', 'json']
const kinds: FlagKind[] = ['release', 'experiment', 'operational', 'permission']

/** The flag list's search, filters and order, as they stand in the address. */
export type FlagListSearch = {
  search?: string
  type?: FlagType
  kind?: FlagKind
  tag?: string
  category?: string
  archived?: 'true' | 'all'
  sort?: string
}

export function validateFlagListSearch(search: Record<string, unknown>): FlagListSearch {
  const text = (value: unknown) =>
    (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined
  const archived = String(search.archived)
  return {
    search: text(search.search),
    type: types.find((type) => type === search.type),
    kind: kinds.find((kind) => kind === search.kind),
    tag: text(search.tag),
    category: text(search.category),
    archived: archived === 'true' || archived === 'all' ? archived : undefined,
    sort: text(search.sort),
  }
}
