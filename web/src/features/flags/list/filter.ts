import type { FlagListSearch } from '@/shared/flags/listSearch'
import type { FlagItem } from '@/shared/flags/flagList'
import { rank } from './search'

/** What a flag can be doing in an environment, as the filter `state=prod:on` names it. */
export const states = ['on', 'off', 'killed', 'rollout'] as const
export type State = (typeof states)[number]

function isIn(item: FlagItem, environment: string, state: State): boolean {
  const at = Object.hasOwn(item.environments, environment) ? item.environments[environment] : undefined
  if (at === undefined) {
    return false
  }
  switch (state) {
    case 'killed':
      return at.killed
    case 'on':
      return at.enabled && !at.killed
    case 'off':
      return !at.enabled || at.killed
    case 'rollout':
      return at.enabled && !at.killed && at.rollout !== null
  }
}

/** The flags that fit, in the order of `items`; while something is searched for, the best fits first unless an order was chosen. */
export function filterFlags(items: readonly FlagItem[], filter: FlagListSearch): FlagItem[] {
  const [environment, state] = filter.state?.split(':') ?? []
  const wanted = states.find((item) => item === state)
  const search = filter.search?.trim() ?? ''
  const found = items.filter(
    (item) =>
      (filter.archived === 'all' || (item.archivedAt !== null) === (filter.archived === 'true')) &&
      (filter.type === undefined || item.type === filter.type) &&
      (filter.kind === undefined || item.kind === filter.kind) &&
      (filter.tag === undefined || item.tags.includes(filter.tag)) &&
      (filter.category === undefined || item.category === filter.category) &&
      (filter.owner === undefined || (filter.owner === 'none' ? item.owner === null : item.owner === filter.owner)) &&
      (filter.lifecycle === undefined || item.lifecycle.stage === filter.lifecycle) &&
      (environment === undefined || wanted === undefined || isIn(item, environment, wanted)),
  )
  if (search === '') {
    return found
  }
  const ranked = found.map((item) => ({ item, rank: rank(item, search) })).filter((one) => one.rank > 0)
  if (filter.sort === undefined) {
    ranked.sort((a, b) => b.rank - a.rank)
  }
  return ranked.map((one) => one.item)
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const byTime = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const byChange = (a: FlagItem, b: FlagItem) => byTime(a.changedAt, b.changedAt)

const orders: Record<string, (a: FlagItem, b: FlagItem) => number> = {
  key: (a, b) => collator.compare(a.key, b.key),
  name: (a, b) => collator.compare(a.name, b.name),
  createdAt: (a, b) => byTime(a.createdAt, b.createdAt),
  updatedAt: byChange,
}

/** The flags in an order: `name`, or `-name` for the other way round; recently changed first where it is not known. */
export function sortFlags(items: readonly FlagItem[], sort: string | undefined): FlagItem[] {
  const name = sort?.replace(/^-/, '') ?? ''
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined
  const compare = order ?? byChange
  const sign = order === undefined || sort?.startsWith('-') ? -1 : 1
  return items.toSorted((a, b) => sign * compare(a, b) || (a.key < b.key ? -1 : 1))
}

/**
 * Keeps the flags where they were while they change: a row must not jump away from under the pointer that has just switched it. New ones come
 * first. `places` remembers, and is empty for a new order.
 */
export function keepPlaces(items: readonly FlagItem[], sort: string | undefined, places: Map<string, number>): FlagItem[] {
  if (places.size === 0) {
    const sorted = sortFlags(items, sort)
    sorted.forEach((item, index) => places.set(item.key, index))
    return sorted
  }
  for (const item of items) {
    if (!places.has(item.key)) {
      places.set(item.key, -places.size)
    }
  }
  return items.toSorted((a, b) => (places.get(a.key) ?? 0) - (places.get(b.key) ?? 0))
}
