import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { MeView } from '../api/types'

/** Who is signed in, and what they may do. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => unwrap(client.GET('/api/v1/me')),
  staleTime: 5 * 60_000,
})

export const projectsQuery = (org: string) =>
  queryOptions({
    queryKey: ['projects', org],
    queryFn: async () =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects', { params: { path: { org }, query: { limit: 200 } } }),
        )
      ).items,
    staleTime: 5 * 60_000,
  })

/** Where something is done: in an organization, in one of its projects, or in one environment of it. */
export type Where = { org: string; project?: string; environment?: string }

/**
 * Whether somebody holds a permission (`flag.toggle`) in a place. What holds in the organization holds in its projects,
 * and what holds in a project holds in its environments, as on the server; it does not hold the other way round.
 */
export function may(me: MeView | undefined, permission: string, { org, project, environment }: Where): boolean {
  const organization = me?.organizations.find((item) => item.key === org)
  if (organization === undefined) {
    return false
  }
  if (organization.permissions.includes(permission)) {
    return true
  }
  const inside = project === undefined ? undefined : ownValue(organization.projects, project)
  if (inside === undefined) {
    return false
  }
  return (
    inside.permissions.includes(permission) ||
    (environment !== undefined && (ownValue(inside.environments, environment)?.includes(permission) ?? false))
  )
}

/** Whether somebody holds a permission in the place or somewhere inside it. */
export function maySomewhere(me: MeView | undefined, permission: string, where: Where): boolean {
  if (may(me, permission, where)) {
    return true
  }
  const organization = me?.organizations.find((item) => item.key === where.org)
  return Object.entries(organization?.projects ?? {}).some(
    ([project, inside]) =>
      (where.project === undefined || where.project === project) &&
      (inside.permissions.includes(permission) ||
        (where.environment === undefined && Object.values(inside.environments).some((list) => list.includes(permission)))),
  )
}

/** {@link may} for the signed-in person. */
export function useCan(permission: string, where: Where): boolean {
  const { data } = useQuery(meQuery)
  return may(data, permission, where)
}

/** {@link maySomewhere} for the signed-in person. */
export function useCanSomewhere(permission: string, where: Where): boolean {
  const { data } = useQuery(meQuery)
  return maySomewhere(data, permission, where)
}

// Keys are free to be called `constructor`.
function ownValue<T>(values: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined
}
