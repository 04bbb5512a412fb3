import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

export function useCreateProject(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string }) =>
      unwrap(client.POST('/api/v1/orgs/{org}/projects', { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['projects', org] }),
  })
}
