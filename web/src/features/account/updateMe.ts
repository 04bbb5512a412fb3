import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { meQuery } from '@/shared/project/me'

export type Profile = { name?: string; locale?: string | null; timeZone?: string | null }

export function useUpdateMe() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: Profile) => unwrap(client.PATCH('/api/v1/me', { body })),
    onSuccess: (me) => queryClient.setQueryData(meQuery.queryKey, me),
  })
}
