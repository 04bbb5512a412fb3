import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { SdkKeyKind } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/environments/{env}/keys'

/** The SDK keys of an environment. */
export const sdkKeysQuery = ({ org, project }: Scope, env: string) =>
  queryOptions({
    queryKey: ['environmentKeys', org, project, env],
    queryFn: async () =>
      (await unwrap(client.GET(path, { params: { path: { org, project, env }, query: { limit: 200 } } }))).items,
  })

export function useSdkKeyActions({ org, project }: Scope, env: string) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['environmentKeys', org, project, env] })
  const create = useMutation({
    mutationFn: (body: { name: string; kind: SdkKeyKind; expiresAt: string | null }) =>
      unwrap(client.POST(path, { params: { path: { org, project, env } }, body })),
    onSuccess,
    // The answer holds the secret: it must not stay in a cache after the dialogue is closed.
    gcTime: 0,
  })
  const revoke = useMutation({
    mutationFn: (id: string) =>
      unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, project, env, id } } })),
    onSuccess,
  })
  return { create, revoke }
}
