import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { Scope } from '@/shared/project/scope'

export type PolicyTerms = {
  enabled: boolean
  minApprovals: number
  approverGroups: string[]
  reauthenticate: boolean
  expiresAfterHours: number
  bypassGroups: string[]
}

const path = '/api/v1/orgs/{org}/projects/{project}/change-policies'

export const groupNamesQuery = (org: string) =>
  queryOptions({
    queryKey: ['groups', org, 'names'],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/groups', { params: { path: { org }, query: { limit: 200 } } }))).items.map(({ key, name }) => ({ value: key, label: name || key })),
  })

export const tagNamesQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['tags', org, project, 'names'],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/tags', { params: { path: { org, project }, query: { limit: 200 } } }))).items.map(({ key, name }) => ({
        value: key,
        label: name || key,
      })),
  })

export function usePolicyActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ['changePolicies', org, project] })
  const create = useMutation({
    mutationFn: (body: PolicyTerms & { environment?: string; tag?: string }) => unwrap(client.POST(path, { params: { path: { org, project } }, body })),
    onSettled,
  })
  const change = useMutation({
    mutationFn: ({ id, terms }: { id: string; terms: Partial<PolicyTerms> }) => unwrap(client.PATCH(`${path}/{id}`, { params: { path: { org, project, id } }, body: terms })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  return { create, change, remove }
}
