import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { SdkKeyKind } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'

/** Makes a key for an environment; its secret is in the answer, this once, and in no cache. */
export function useCreateKey({ org, project }: Scope, env: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; kind: SdkKeyKind }) =>
      unwrap(client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/keys', { params: { path: { org, project, env } }, body })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['onboarding', org, project] })
      void queryClient.invalidateQueries({ queryKey: ['environmentKeys', org, project, env] })
    },
    gcTime: 0,
  })
}
