import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/orgs/{org}/service-accounts'

export const serviceAccountsQuery = (org: string, search = '') =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'list', search],
    queryFn: async () =>
      (
        await unwrap(client.GET(path, { params: { path: { org }, query: { limit: 200, search: search || undefined } } }),
        )
      ).items,
    placeholderData: (previous) => previous,
  })

export const serviceAccountQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'one', id],
    queryFn: () => unwrap(client.GET(`${path}/{id}`, { params: { path: { org, id } } })),
  })

export const serviceAccountTokensQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'tokens', id],
    queryFn: async () =>
      (
        await unwrap(client.GET(`${path}/{id}/tokens`, { params: { path: { org, id }, query: { limit: 200 } } }),
        )
      ).items,
  })

export function useCreateServiceAccount(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string; description: string }) =>
      unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['serviceAccounts', org] }),
  })
}

export function useServiceAccountActions(org: string, id: string) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['serviceAccounts', org] })
  const params = { path: { org, id } }
  const update = useMutation({
    mutationFn: ({ version, ...body }: { name: string; description: string; version: number }) =>
      unwrap(client.PATCH(`${path}/{id}`, { params: { ...params, header: { 'If-Match': `"${version}"` } }, body })),
    onSuccess,
  })
  const deactivate = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{id}/deactivate`, { params })), onSuccess })
  const activate = useMutation({ mutationFn: () => unwrap(client.POST(`${path}/{id}/activate`, { params })), onSuccess })
  const remove = useMutation({ mutationFn: () => unwrap(client.DELETE(`${path}/{id}`, { params })), onSuccess })
  const createToken = useMutation({
    mutationFn: (body: { name: string; expiresAt: string | null }) =>
      unwrap(client.POST(`${path}/{id}/tokens`, { params, body })),
    onSuccess,
    // The answer holds the secret: it must not stay in a cache after the dialogue is closed.
    gcTime: 0,
  })
  const revokeToken = useMutation({
    mutationFn: (token: string) =>
      unwrap(client.DELETE(`${path}/{id}/tokens/{token}`, { params: { path: { org, id, token } } })),
    onSuccess,
  })
  return { update, deactivate, activate, remove, createToken, revokeToken }
}
