import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { unwrap } from '@/shared/api/client'
import { draft } from '@/shared/api/draft'
import type { PageOf, ServiceAccountTokenView, ServiceAccountView } from './types'

const path = '/api/v1/orgs/{org}/service-accounts'

export const serviceAccountsQuery = (org: string, search = '') =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'list', search],
    queryFn: async () =>
      (
        await unwrap<PageOf<ServiceAccountView>>(
          draft.GET(path, { params: { path: { org }, query: { limit: 200, search: search || undefined } } }),
        )
      ).items,
    placeholderData: (previous) => previous,
  })

export const serviceAccountQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'one', id],
    queryFn: () => unwrap<ServiceAccountView>(draft.GET(`${path}/{id}`, { params: { path: { org, id } } })),
  })

export const serviceAccountTokensQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['serviceAccounts', org, 'tokens', id],
    queryFn: async () =>
      (
        await unwrap<PageOf<ServiceAccountTokenView>>(
          draft.GET(`${path}/{id}/tokens`, { params: { path: { org, id }, query: { limit: 200 } } }),
        )
      ).items,
  })

export function useCreateServiceAccount(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string; description: string }) =>
      unwrap<ServiceAccountView>(draft.POST(path, { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['serviceAccounts', org] }),
  })
}

export function useServiceAccountActions(org: string, id: string) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['serviceAccounts', org] })
  const params = { path: { org, id } }
  const update = useMutation({
    mutationFn: ({ version, ...body }: { name: string; description: string; version: number }) =>
      unwrap(draft.PATCH(`${path}/{id}`, { params: { ...params, header: { 'If-Match': `"${version}"` } }, body })),
    onSuccess,
  })
  const deactivate = useMutation({ mutationFn: () => unwrap(draft.POST(`${path}/{id}/deactivate`, { params })), onSuccess })
  const activate = useMutation({ mutationFn: () => unwrap(draft.POST(`${path}/{id}/activate`, { params })), onSuccess })
  const remove = useMutation({ mutationFn: () => unwrap(draft.DELETE(`${path}/{id}`, { params })), onSuccess })
  const createToken = useMutation({
    mutationFn: (body: { name: string; expiresAt: string | null }) =>
      unwrap<ServiceAccountTokenView>(draft.POST(`${path}/{id}/tokens`, { params, body })),
    onSuccess,
    // The answer holds the secret: it must not stay in a cache after the dialogue is closed.
    gcTime: 0,
  })
  const revokeToken = useMutation({
    mutationFn: (tokenId: string) =>
      unwrap(draft.DELETE(`${path}/{id}/tokens/{tokenId}`, { params: { path: { org, id, tokenId } } })),
    onSuccess,
  })
  return { update, deactivate, activate, remove, createToken, revokeToken }
}
