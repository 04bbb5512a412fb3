import type { AuditSearch } from '@/shared/audit/search'

/** The router reads `?flag=7` as a number; keys that look like numbers are texts all the same. */
const text = (value: unknown) =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const aspects = ['variants', 'enabled', 'prerequisites', 'targets', 'rules', 'default', 'offVariant'] as const

/** Which environments are compared, and which differences are looked at. */
export type CompareSearch = { fromProject?: string; from?: string; to?: string; search?: string; aspect?: (typeof aspects)[number] }

export function validateCompareSearch(search: Record<string, unknown>): CompareSearch {
  return {
    fromProject: text(search.fromProject),
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
