import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'

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

/** Whether the signed-in person holds a permission (`flag.toggle`) in an organization. */
export function useCan(org: string, permission: string): boolean {
  const { data } = useQuery(meQuery)
  return data?.organizations.find((item) => item.key === org)?.permissions.includes(permission) ?? false
}
