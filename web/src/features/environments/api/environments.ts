import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { EnvironmentView } from '@/shared/api/types'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/environments'

export type Sampling = EnvironmentView['sampling']
export type EnvironmentChange = { name: string; color: string; critical: boolean; sampling?: Sampling }

/** How many contexts are kept to preview changes with. */
export const contextSampleQuery = ({ org, project }: Scope, env: string) =>
  queryOptions({
    queryKey: ['contextSample', org, project, env],
    queryFn: ({ signal }) => unwrap(client.GET(`${path}/{env}/context-sample`, { params: { path: { org, project, env } }, signal })),
    refetchInterval: 5_000,
  })

export function useEnvironmentActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(['environments', 'flags', 'flag', 'contextSample', 'impact'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const create = useMutation({
    mutationFn: (body: Omit<EnvironmentChange, 'sampling'> & { key: string }) =>
      unwrap(client.POST(path, { params: { path: { org, project } }, body })),
    onSuccess,
  })
  const change = useMutation({
    mutationFn: ({ env, body }: { env: string; body: EnvironmentChange }) => {
      noteOwnChange('environment', env)
      return unwrap(client.PATCH(`${path}/{env}`, { params: { path: { org, project, env } }, body }))
    },
    onSuccess,
  })
  const order = useMutation({
    mutationFn: (keys: string[]) =>
      unwrap(client.POST(`${path}/order`, { params: { path: { org, project } }, body: { keys } })),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (env: string) => unwrap(client.DELETE(`${path}/{env}`, { params: { path: { org, project, env } } })),
    onSuccess,
  })
  return { create, change, order, remove }
}
