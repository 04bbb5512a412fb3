import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

const path = '/api/v1/orgs/{org}'

export const organizationQuery = (org: string) =>
  queryOptions({
    queryKey: ['organization', org],
    queryFn: () => unwrap(client.GET(path, { params: { path: { org } } })),
  })

export function useOrganizationActions(org: string) {
  const queryClient = useQueryClient()
  const rename = useMutation({
    mutationFn: ({ name, version }: { name: string; version: number }) =>
      unwrap(client.PATCH(path, { params: { path: { org }, header: { 'If-Match': `"${version}"` } }, body: { name } })),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ['organization', org] }),
        queryClient.invalidateQueries({ queryKey: ['me'] }),
      ]),
  })
  const remove = useMutation({
    mutationFn: (key: string) => unwrap(client.DELETE(path, { params: { path: { org } }, body: { key } })),
  })
  return { rename, remove }
}
