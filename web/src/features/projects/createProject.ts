import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { ProjectView } from '@/shared/api/types'

export function useCreateProject(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { key: string; name: string }) =>
      unwrap<ProjectView>(client.POST('/orgs/{org}/projects', { params: { path: { org } }, body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['projects', org] }),
  })
}
