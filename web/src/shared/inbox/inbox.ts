import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'

export type InboxItem = components['schemas']['InboxItemView']

/** How many things are unread. The live connection tells when that changes; the rest is for pages without one. */
export const unreadQuery = queryOptions({
  queryKey: ['inbox', 'unread'],
  queryFn: async () => (await unwrap(client.GET('/api/v1/me/inbox/unread'))).unread,
  refetchInterval: 60_000,
})

export const inboxQuery = (unread: boolean) =>
  infiniteQueryOptions({
    queryKey: ['inbox', 'list', unread],
    queryFn: ({ pageParam }) => unwrap(client.GET('/api/v1/me/inbox', { params: { query: { limit: 30, cursor: pageParam ?? undefined, unread: unread || undefined } } })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })

export function useReadInbox() {
  const queryClient = useQueryClient()
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['inbox'] })
  const readOne = useMutation({ mutationFn: (id: string) => unwrap(client.POST('/api/v1/me/inbox/{id}/read', { params: { path: { id } } })), onSettled })
  const readAll = useMutation({ mutationFn: () => unwrap(client.POST('/api/v1/me/inbox/read')), onSettled })
  return { readOne, readAll }
}
