import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagView } from '@/shared/api/types'
import { refreshFlags, showFlag } from '@/shared/flags/flagList'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

export type Toggle = { flag: string; environment: string; enabled: boolean; reason?: string }

/** Switches a flag in one environment. The screen changes at once and goes back if the server refuses. */
export function useToggleFlag({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ flag, environment, enabled, reason }: Toggle) => {
      noteOwnChange('flag', flag)
      return unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/toggle', {
          params: { path: { org, project, flag, env: environment } },
          body: { enabled, reason },
        }),
      )
    },
    onMutate: ({ flag, environment, enabled }) => {
      show(queryClient, { org, project }, flag, environment, enabled)
    },
    onError: (_error, { flag, environment, enabled }) =>
      show(queryClient, { org, project }, flag, environment, !enabled),
    onSettled: (_data, _error, { flag }) => {
      refreshFlags(queryClient, { org, project }, [flag])
      return Promise.all([
        queryClient.invalidateQueries({ queryKey: ['flag', org, project, flag] }),
        queryClient.invalidateQueries({ queryKey: ['flagEnvironment', org, project, flag] }),
      ])
    },
  })
}

function show(queryClient: QueryClient, scope: Scope, key: string, environment: string, enabled: boolean) {
  showFlag(queryClient, scope, key, (item) => {
    const state = item.environments[environment]
    return state === undefined ? item : { ...item, environments: { ...item.environments, [environment]: { ...state, enabled } } }
  })
  queryClient.setQueryData<{ body: FlagView; etag: string | null }>(['flag', scope.org, scope.project, key], (data) => {
    const state = data?.body.environments[environment]
    return data === undefined || state === undefined
      ? data
      : { ...data, body: { ...data.body, environments: { ...data.body.environments, [environment]: { ...state, enabled } } } }
  })
}
