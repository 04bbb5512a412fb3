import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type CategoryView = Schemas['CategoryView']

const root = '/api/v1/orgs/{org}/projects/{project}'
const match = (version: number) => ({ 'If-Match': `"${version}"` })

export const projectQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['project', org, project],
    queryFn: () => unwrap(client.GET(root, { params: { path: { org, project } } })),
  })

/** What reads an attribute. */
export const attributeReferencesQuery = ({ org, project }: Scope, name: string) =>
  queryOptions({
    queryKey: ['attributes', org, project, 'references', name],
    queryFn: () => unwrap(client.GET(`${root}/attributes/{name}/references`, { params: { path: { org, project, name } } })),
    staleTime: 0,
  })

export function useProjectActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const refresh = () =>
    Promise.all([queryClient.invalidateQueries({ queryKey: ['project', org] }), queryClient.invalidateQueries({ queryKey: ['projects', org] })])
  const change = useMutation({
    mutationFn: ({ version, ...body }: { version: number; name: string; description: string }) =>
      unwrap(client.PATCH(root, { params: { path: { org, project }, header: match(version) }, body })),
    onSuccess: refresh,
  })
  const remove = useMutation({
    mutationFn: (version: number) => unwrap(client.DELETE(root, { params: { path: { org, project }, header: match(version) } })),
  })
  return { change, remove }
}

export function useAttributeActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  // Rules that the editor has open are judged by the catalogue.
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['attributes', org, project] })
  const create = useMutation({
    mutationFn: (body: Schemas['CreateAttributeRequest']) => unwrap(client.POST(`${root}/attributes`, { params: { path: { org, project } }, body })),
    onSuccess,
  })
  const change = useMutation({
    mutationFn: ({ name, version, body }: { name: string; version: number; body: Schemas['UpdateAttributeRequest'] }) =>
      unwrap(client.PATCH(`${root}/attributes/{name}`, { params: { path: { org, project, name }, header: match(version) }, body })),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: ({ name, version }: { name: string; version: number }) =>
      unwrap(client.DELETE(`${root}/attributes/{name}`, { params: { path: { org, project, name }, header: match(version) } })),
    onSuccess,
  })
  return { create, change, remove }
}

export type LabelDraft = { key: string; name: string; description: string; color: string; kind: 'domain' | 'user' }

/** Tags and categories are created, changed and deleted in the same manner. */
export function useLabelActions({ org, project }: Scope, what: 'tags' | 'categories') {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: [what, org, project] })
  const path = { org, project }
  const create = useMutation<unknown, Error, LabelDraft>({
    mutationFn: ({ key, name, description, color, kind }) =>
      what === 'tags'
        ? unwrap(client.POST(`${root}/tags`, { params: { path }, body: { key, name, description, color } }))
        : unwrap(client.POST(`${root}/categories`, { params: { path }, body: { key, name, description, kind } })),
    onSuccess,
  })
  const change = useMutation<unknown, Error, LabelDraft & { version: number }>({
    mutationFn: ({ key, version, name, description, color }) =>
      what === 'tags'
        ? unwrap(client.PATCH(`${root}/tags/{tag}`, { params: { path: { ...path, tag: key }, header: match(version) }, body: { name, description, color } }))
        : unwrap(client.PATCH(`${root}/categories/{category}`, { params: { path: { ...path, category: key }, header: match(version) }, body: { name, description } })),
    onSuccess,
  })
  const remove = useMutation<unknown, Error, { key: string; version: number }>({
    mutationFn: ({ key, version }) =>
      what === 'tags'
        ? unwrap(client.DELETE(`${root}/tags/{tag}`, { params: { path: { ...path, tag: key }, header: match(version) } }))
        : unwrap(client.DELETE(`${root}/categories/{category}`, { params: { path: { ...path, category: key }, header: match(version) } })),
    onSuccess,
  })
  return { create, change, remove }
}
