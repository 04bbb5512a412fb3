import { infiniteQueryOptions, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
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

/** Whoever looks at a page has read what the inbox says of it. */
export function useReadHere() {
  const queryClient = useQueryClient()
  const { data: unread = 0 } = useQuery(unreadQuery)
  const { mutate } = useMutation({
    mutationFn: (path: string) => unwrap(client.POST('/api/v1/me/inbox/read', { params: { query: { path } } })),
    onSuccess: (left) => {
      queryClient.setQueryData(unreadQuery.queryKey, left.unread)
      void queryClient.invalidateQueries({ queryKey: ['inbox', 'list'] })
    },
  })
  const { pathname } = window.location
  useEffect(() => {
    if (unread > 0) {
      mutate(pathname)
    }
  }, [unread, pathname, mutate])
}
