import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/orgs/{org}/roles'
const builtInOrder = ['owner', 'manager', 'member', 'viewer']

/** The roles: built-in ones from the strongest to the weakest, then the organization's own by name. */
export const rolesQuery = (org: string) =>
  queryOptions({
    queryKey: ['roles', org],
    queryFn: async () => {
      const page = await unwrap(client.GET(path, { params: { path: { org } } }))
      return page.items.toSorted((a, b) =>
        a.builtIn && b.builtIn
          ? builtInOrder.indexOf(a.key) - builtInOrder.indexOf(b.key)
          : a.builtIn !== b.builtIn
            ? a.builtIn ? -1 : 1
            : a.name.localeCompare(b.name),
      )
    },
  })

/** Every permission that there is. */
export const permissionsQuery = (org: string) =>
  queryOptions({
    queryKey: ['permissions', org],
    queryFn: () => unwrap(client.GET('/api/v1/orgs/{org}/permissions', { params: { path: { org } } })),
    staleTime: Infinity,
  })

export type RoleBody = { name: string; description: string; permissions: string[] }

export function useRoleActions(org: string) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(['roles', 'members', 'effective'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const create = useMutation({
    mutationFn: (body: RoleBody & { key: string }) => unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess,
  })
  const update = useMutation({
    mutationFn: ({ key: role, version, ...body }: RoleBody & { key: string; version: number }) =>
      unwrap(client.PATCH(`${path}/{role}`, { params: { path: { org, role }, header: { 'If-Match': `"${version}"` } }, body }),
      ),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (role: string) => unwrap(client.DELETE(`${path}/{role}`, { params: { path: { org, role } } })),
    onSuccess,
  })
  return { create, update, remove }
}
