import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'

const path = '/api/v1/orgs/{org}/audit/{id}/restore'

export type RestoreTo = 'before' | 'after'

/** What can be brought back. */
export const restorable = ['flag', 'segment', 'environment', 'project', 'tag', 'category', 'attribute']

/** What restoring would change now. */
export const restorationQuery = (org: string, id: string, to: RestoreTo) =>
  queryOptions({
    queryKey: ['audit', org, 'restoration', id, to],
    queryFn: () => unwrap(client.POST(path, { params: { path: { org, id } }, body: { to, dryRun: true } })),
    staleTime: 0,
    retry: false,
  })

export function useRestore(org: string, id: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { to: RestoreTo; reason?: string }) =>
      unwrap(client.POST(path, { params: { path: { org, id } }, body })),
    // It may be any kind of thing.
    onSuccess: () => queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' }),
  })
}
