import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/orgs/{org}/groups'

export const groupsQuery = (org: string, search = '') =>
  queryOptions({
    queryKey: ['groups', org, 'list', search],
    queryFn: async () =>
      (
        await unwrap(client.GET(path, { params: { path: { org }, query: { limit: 200, search: search || undefined } } }),
        )
      ).items,
    placeholderData: (previous) => previous,
  })

export const groupQuery = (org: string, group: string) =>
  queryOptions({
    queryKey: ['groups', org, 'one', group],
    queryFn: () => unwrap(client.GET(`${path}/{group}`, { params: { path: { org, group } } })),
  })

export const groupMembersQuery = (org: string, group: string) =>
  infiniteQueryOptions({
    queryKey: ['groups', org, 'members', group],
    queryFn: ({ pageParam }) =>
      unwrap(client.GET(`${path}/{group}/members`, {
          params: { path: { org, group }, query: { limit: 100, cursor: pageParam ?? undefined } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })

export function useCreateGroup(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string; description: string }) =>
      unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['groups', org] }),
  })
}

export function useGroupActions(org: string, group: string) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(['groups', 'members', 'effective'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const params = { path: { org, group } }
  const update = useMutation({
    mutationFn: ({ version, ...body }: { name: string; description: string; version: number }) =>
      unwrap(client.PATCH(`${path}/{group}`, { params: { ...params, header: { 'If-Match': `"${version}"` } }, body })),
    onSuccess,
  })
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE(`${path}/{group}`, { params })), onSuccess })
  const addMember = useMutation({
    mutationFn: (user: string) =>
      unwrap(client.PUT(`${path}/{group}/members/{user}`, { params: { path: { org, group, user } } })),
    onSuccess,
  })
  const removeMember = useMutation({
    mutationFn: (user: string) =>
      unwrap(client.DELETE(`${path}/{group}/members/{user}`, { params: { path: { org, group, user } } })),
    onSuccess,
  })
  return { update, remove, addMember, removeMember }
}
