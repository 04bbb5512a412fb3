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

/** What may be changed about a key: null is the installation's default, or never. */
export type KeyTerms = {
  name: string
  expiresAt: string | null
  rateLimit: { perSecond: number } | null
  /** Client keys only. */
  origins: string[] | null
}

export function useSdkKeyActions({ org, project }: Scope, env: string) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['environmentKeys', org, project, env] })
  const at = { org, project, env }
  // Answers that hold a secret must not stay in a cache after the dialogue is closed.
  const gcTime = 0
  const create = useMutation({
    mutationFn: (body: KeyTerms & { kind: SdkKeyKind }) => unwrap(client.POST(path, { params: { path: at }, body })),
    onSuccess,
    gcTime,
  })
  const change = useMutation({
    mutationFn: ({ id, terms: { rateLimit, ...terms } }: { id: string; terms: KeyTerms }) =>
      unwrap(
        client.PATCH(`${path}/{id}`, {
          params: { path: { ...at, id } },
          // The description of the API says no more than "an object or null" of it.
          body: { ...terms, rateLimit: rateLimit as Record<string, never> | null },
        }),
      ),
    onSuccess,
  })
  const rotate = useMutation({
    mutationFn: ({ id, overlapHours }: { id: string; overlapHours: number }) =>
      unwrap(client.POST(`${path}/{id}/rotate`, { params: { path: { ...at, id } }, body: { overlapHours } })),
    onSuccess,
    gcTime,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { ...at, id } } })),
    onSuccess,
  })
  return { create, change, rotate, revoke }
}
