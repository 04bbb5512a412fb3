import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { MeView, Page, ProjectView } from '../api/types'

/** Who is signed in, and what they may do. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => unwrap<MeView>(client.GET('/me')),
  staleTime: 5 * 60_000,
})

export const projectsQuery = (org: string) =>
  queryOptions({
    queryKey: ['projects', org],
    queryFn: async () =>
      (
        await unwrap<Page<ProjectView>>(
          client.GET('/orgs/{org}/projects', { params: { path: { org }, query: { limit: 200 } } }),
        )
      ).items,
    staleTime: 5 * 60_000,
  })

/** Whether the signed-in person holds a permission (`flag.toggle`) in an organization. */
export function useCan(org: string, permission: string): boolean {
  const { data } = useQuery(meQuery)
  return data?.organizations.find((item) => item.key === org)?.permissions.includes(permission) ?? false
}
