import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

/** A flag in short: what is needed to show, search, filter and sort thousands of them in the browser. */
export type FlagItem = components['schemas']['FlagListItemView']
export type FlagList = components['schemas']['FlagListView']

const path = '/api/v1/orgs/{org}/projects/{project}/flag-list'
const key = ({ org, project }: Scope) => ['flagList', org, project] as const

/** All flags of a project, archived ones too. Live events bring single flags up to date ({@link refreshFlags}). */
export const flagListQuery = (scope: Scope) =>
  queryOptions({
    queryKey: key(scope),
    queryFn: ({ signal }) => unwrap(client.GET(path, { params: { path: { ...scope } }, signal })),
    staleTime: 0,
    gcTime: 10 * 60_000,
  })

/** More than this many changes at once are not asked for one by one. */
const most = 200
const waiting = new Map<string, Set<string>>()

/** Brings some flags of the list up to date, without asking for the thousands that did not change. */
export function refreshFlags(queryClient: QueryClient, scope: Scope, keys: readonly string[]) {
  const id = `${scope.org}/${scope.project}`
  const already = waiting.get(id)
  if (already !== undefined) {
    keys.forEach((flag) => already.add(flag))
    return
  }
  const flags = new Set(keys)
  waiting.set(id, flags)
  setTimeout(() => {
    waiting.delete(id)
    void fetchSome(queryClient, scope, [...flags])
  }, 15)
}

async function fetchSome(queryClient: QueryClient, { org, project }: Scope, flags: string[]) {
  const queryKey = key({ org, project })
  const all = () => queryClient.invalidateQueries({ queryKey })
  // Answers that are under way may be older than this change.
  if (flags.length > most || queryClient.getQueryData(queryKey) === undefined || queryClient.isFetching({ queryKey }) > 0) {
    await all()
    return
  }
  try {
    const some = await unwrap(client.GET(path, { params: { path: { org, project }, query: { flag: flags } } }))
    queryClient.setQueryData<FlagList>(queryKey, (list) => list && merge(list, flags, some))
  } catch {
    await all()
  }
}

/** The list with the named flags as they are now; those that are not there any more go. */
export function merge(list: FlagList, named: readonly string[], some: FlagList): FlagList {
  const fresh = new Map(some.items.map((item) => [item.key, item]))
  const gone = new Set(named.filter((flag) => !fresh.has(flag)))
  const items = list.items
    .filter((item) => !gone.has(item.key))
    .map((item) => {
      const next = fresh.get(item.key)
      fresh.delete(item.key)
      // Two answers may arrive in the wrong order.
      return next === undefined || next.changedAt < item.changedAt ? item : next
    })
  return { items: [...items, ...fresh.values()], people: { ...list.people, ...some.people } }
}

/** Changes one flag on the screen before the server has answered. */
export function showFlag(queryClient: QueryClient, scope: Scope, flag: string, change: (item: FlagItem) => FlagItem) {
  queryClient.setQueryData<FlagList>(key(scope), (list) =>
    list === undefined ? list : { ...list, items: list.items.map((item) => (item.key === flag ? change(item) : item)) },
  )
}
