import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/me/tokens'

/** The person's access tokens, never their secrets. */
export const tokensQuery = infiniteQueryOptions({
  queryKey: ['myTokens'],
  queryFn: ({ pageParam }) => unwrap(client.GET(path, { params: { query: { limit: 50, cursor: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
})

export type TokenView = Awaited<ReturnType<NonNullable<typeof tokensQuery.queryFn>>>['items'][number]

export type NewToken = {
  name: string
  organization: string
  permissions: string[] | null
  project: string | null
  environment: string | null
  expiresAt: string | null
}

export function useTokenActions() {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['myTokens'] })
  const create = useMutation({
    mutationFn: (body: NewToken) => unwrap(client.POST(path, { body })),
    onSuccess,
    // The answer holds the secret: it must not stay in a cache after the dialogue is closed.
    gcTime: 0,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { id } } })),
    onSuccess,
  })
  return { create, revoke }
}
