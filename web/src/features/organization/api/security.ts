import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { SecurityView } from './types'

const path = '/api/v1/orgs/{org}/security'

export const securityQuery = (org: string) =>
  queryOptions({
    queryKey: ['security', org],
    queryFn: () => unwrap(client.GET(path, { params: { path: { org } } })),
  })

export type SecurityChange = Partial<Pick<SecurityView, 'requireTwoFactor' | 'passwordSignIn' | 'auditRetentionDays'>>

export function useChangeSecurity(org: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ version, ...body }: SecurityChange & { version: number }) =>
      unwrap(client.PATCH(path, { params: { path: { org }, header: { 'If-Match': `"${version}"` } }, body }),
      ),
    onSuccess: (answer) => {
      queryClient.setQueryData(['security', org], answer)
      return queryClient.invalidateQueries({ queryKey: ['me'] })
    },
    onError: () => queryClient.invalidateQueries({ queryKey: ['security', org] }),
  })
}
