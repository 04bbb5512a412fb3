import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { meQuery } from '@/shared/project/me'

/** Creates a tenant, whose owner is whoever creates it. */
export function useCreateOrganization() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string }) => unwrap(client.POST('/api/v1/orgs', { body })),
    // Everything that decides what may be opened comes from there.
    onSuccess: () => queryClient.refetchQueries({ queryKey: meQuery.queryKey }),
  })
}
