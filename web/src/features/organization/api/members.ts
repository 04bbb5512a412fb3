import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/orgs/{org}/members'

export type MemberFilter = { search?: string; role?: string; group?: string; status?: 'active' | 'deactivated' }

/** The people of an organization, by name. */
export const memberListQuery = (org: string, filter: MemberFilter) =>
  infiniteQueryOptions({
    queryKey: ['members', org, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(client.GET(path, { params: { path: { org }, query: { ...filter, limit: 50, cursor: pageParam ?? undefined } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })

/** The first people who match, for pickers. */
export const memberChoicesQuery = (org: string, search: string) =>
  queryOptions({
    queryKey: ['members', org, 'choices', search],
    queryFn: async () =>
      (
        await unwrap(client.GET(path, { params: { path: { org }, query: { limit: 20, search: search || undefined } } }),
        )
      ).items,
    placeholderData: (previous) => previous,
  })

export const memberQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['members', org, 'one', id],
    queryFn: () => unwrap(client.GET(`${path}/{id}`, { params: { path: { org, id } } })),
  })

/** What administrators do to a person here. */
export function useMemberActions(org: string, id: string) {
  const queryClient = useQueryClient()
  const params = { params: { path: { org, id } } }
  const onSettled = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['members', org] }),
      queryClient.invalidateQueries({ queryKey: ['security', org] }),
    ])
  const deactivate = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{id}/deactivate`, params)), onSettled })
  const activate = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{id}/activate`, params)), onSettled })
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE(`${path}/{id}`, params)),
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: ['members', org, 'one', id] })
      return onSettled()
    },
  })
  const resetPassword = useMutation({
    mutationFn: () => unwrap(client.POST(`${path}/{id}/reset-password`, params)),
    // The answer may hold a password: it must not stay in a cache.
    gcTime: 0,
  })
  const resetTwoFactor = useMutation({
    mutationFn: () => unwrap(client.POST(`${path}/{id}/reset-two-factor`, params)),
    onSettled,
  })
  const signOut = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{id}/sign-out`, params)) })
  return { deactivate, activate, remove, resetPassword, resetTwoFactor, signOut }
}
