import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/me/sessions'

/** Where the person is signed in. */
export const sessionsQuery = infiniteQueryOptions({
  queryKey: ['mySessions'],
  queryFn: ({ pageParam }) => unwrap(client.GET(path, { params: { query: { limit: 50, cursor: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
  staleTime: 5_000,
})

export type SessionView = Awaited<ReturnType<NonNullable<typeof sessionsQuery.queryFn>>>['items'][number]

export function useSessionActions() {
  const queryClient = useQueryClient()
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['mySessions'] })
  const end = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { id } } })),
    onSettled,
  })
  const endOthers = useMutation({ mutationFn: () => unwrap(client.DELETE(path, {})), onSettled })
  const endAll = useMutation({ mutationFn: () => unwrap(client.DELETE(path, { params: { query: { all: true } } })) })
  return { end, endOthers, endAll }
}
