import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { draft } from '@/shared/api/draft'
import type { ProviderKind, ProviderMapping } from './types'

const path = '/api/v1/orgs/{org}/identity-providers'

export const providersQuery = (org: string) =>
  queryOptions({
    queryKey: ['providers', org, 'list'],
    queryFn: async () =>
      (await unwrap(client.GET(path, { params: { path: { org }, query: { limit: 200 } } }))).items,
  })

export const providerQuery = (org: string, key: string) =>
  queryOptions({
    queryKey: ['providers', org, 'one', key],
    queryFn: () => unwrap(client.GET(`${path}/{provider}`, { params: { path: { org, provider: key } } })),
  })

export type ProviderBody = {
  name: string
  enabled: boolean
  showOnLogin: boolean
  domains: string[]
  createPeople: boolean
  settings: Record<string, unknown>
  secrets: Record<string, string>
  mappings: ProviderMapping[]
}

export function useCreateProvider(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: ProviderBody & { key: string; kind: ProviderKind }) =>
      unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['providers', org] }),
  })
}

export function useProviderActions(org: string, key: string) {
  const queryClient = useQueryClient()
  const params = { path: { org, provider: key } }
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['providers', org] })
  const update = useMutation({
    mutationFn: ({ version, ...body }: Partial<ProviderBody> & { version: number }) =>
      unwrap(client.PATCH(`${path}/{provider}`, { params: { ...params, header: { 'If-Match': `"${version}"` } }, body }),
      ),
    onSuccess,
  })
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE(`${path}/{provider}`, { params })), onSuccess })
  const test = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{provider}/test`, { params })) })
  const scimToken = useMutation({
    mutationFn: (overlapHours: number) =>
      unwrap<{ token?: string; secret?: string }>(draft.POST(`${path}/{provider}/scim-token`, { params, body: { overlapHours } })),
    onSuccess,
    // The answer holds the secret: it must not stay in a cache after the dialogue is closed.
    gcTime: 0,
  })
  const sync = useMutation({
    mutationFn: (force: boolean) =>
      unwrap(client.POST(`${path}/{provider}/sync`, { params: { ...params, query: { force: force || undefined } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['syncs', org, key] }),
  })
  return { update, remove, test, scimToken, sync }
}

/** The latest runs of a directory's synchronization; asks again while one is under way. */
export const syncsQuery = (org: string, key: string) =>
  queryOptions({
    queryKey: ['syncs', org, key, 'list'],
    queryFn: async () =>
      (
        await unwrap(client.GET(`${path}/{provider}/syncs`, { params: { path: { org, provider: key }, query: { limit: 20 } } }))
      ).items,
    refetchInterval: (query) => (query.state.data?.some(({ status }) => status === 'running') ? 1_000 : false),
  })

export const syncQuery = (org: string, key: string, id: string) =>
  queryOptions({
    queryKey: ['syncs', org, key, 'one', id],
    queryFn: () => unwrap(client.GET(`${path}/{provider}/syncs/{id}`, { params: { path: { org, provider: key, id } } })),
    refetchInterval: (query) => (query.state.data === undefined || query.state.data.status === 'running' ? 1_000 : false),
  })
