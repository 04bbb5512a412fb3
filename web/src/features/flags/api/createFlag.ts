import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagKind, FlagType, Variant } from '@/shared/api/types'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

export type NewFlag = {
  key: string
  name: string
  description: string
  type: FlagType
  kind: FlagKind
  variants?: Variant[]
  category: string | null
  tags: string[]
  clientVisible: boolean
}

export function useCreateFlag({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: NewFlag) => {
      noteOwnChange('flag', body.key)
      return unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/flags', {
          params: { path: { org, project }, header: { 'Idempotency-Key': crypto.randomUUID() } },
          body,
        }),
      )
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['flags', org, project] }),
  })
}
