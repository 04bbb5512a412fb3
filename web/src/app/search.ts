import type { FlagKind, FlagType } from '@/shared/api/types'
import type { AuditSearch } from '@/shared/audit/search'

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
    archived: archived === 'true' || archived === 'all' ? archived : undefined,
    sort: text(search.sort),
  }
}

const aspects = ['enabled', 'prerequisites', 'targets', 'rules', 'default', 'offVariant'] as const

/** Which environments are compared, and which differences are looked at. */
export type CompareSearch = { from?: string; to?: string; search?: string; aspect?: (typeof aspects)[number] }

export function validateCompareSearch(search: Record<string, unknown>): CompareSearch {
  return {
    from: text(search.from),
    to: text(search.to),
    search: text(search.search),
    aspect: aspects.find((aspect) => aspect === search.aspect),
  }
}

export function validateAuditSearch(search: Record<string, unknown>): AuditSearch {
  return {
    project: text(search.project),
    environment: text(search.environment),
    entity: text(search.entity),
    entityKey: text(search.entityKey),
    actor: text(search.actor),
    action: text(search.action),
    from: text(search.from),
    to: text(search.to),
    search: text(search.search),
    entry: text(search.entry),
  }
}
