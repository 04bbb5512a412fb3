import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/environments'

export type EnvironmentChange = { name: string; color: string; critical: boolean }

export function useEnvironmentActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(['environments', 'flags', 'flag'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const create = useMutation({
    mutationFn: (body: EnvironmentChange & { key: string }) =>
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
