import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

export type SavedView = components['schemas']['SavedViewView']

const path = '/api/v1/orgs/{org}/projects/{project}/views'

/** One's own views of the flag list and those that are shared. */
export const viewsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['views', org, project],
    queryFn: async () => (await unwrap(client.GET(path, { params: { path: { org, project } } }))).items,
  })

export function useViewActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['views', org, project] })
  const create = useMutation({
    mutationFn: (body: { name: string; query: string; shared: boolean }) =>
      unwrap(client.POST(path, { params: { path: { org, project } }, body })),
    onSettled,
  })
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: string; name?: string; query?: string; shared?: boolean }) =>
      unwrap(client.PATCH(`${path}/{id}`, { params: { path: { org, project, id } }, body })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  return { create, change, remove }
}
