import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationContext } from '@/shared/targeting/contextRows'

export type SavedContext = components['schemas']['SavedContextView']

const path = '/api/v1/orgs/{org}/projects/{project}/contexts'

/** Contexts that the project's people keep. */
export const contextsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['contexts', org, project],
    queryFn: async () => (await unwrap(client.GET(path, { params: { path: { org, project }, query: { limit: 200, sort: 'name' } } }))).items,
  })

export function useContextActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['contexts', org] })
  type Body = components['schemas']['CreateContextRequest']
  const create = useMutation({
    mutationFn: (body: { name: string; context: EvaluationContext }) =>
      unwrap(client.POST(path, { params: { path: { org, project } }, body: body as Body })),
    onSuccess,
  })
  const change = useMutation({
    mutationFn: ({ id, context }: { id: string; context: EvaluationContext }) =>
      unwrap(client.PATCH(`${path}/{id}`, { params: { path: { org, project, id } }, body: { context } as Body })),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, project, id } } })),
    onSuccess,
  })
  return { create, change, remove }
}
