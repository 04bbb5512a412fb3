import { useMutation, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagView } from '@/shared/api/types'
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
    onMutate: async ({ flag, environment, enabled }) => {
      await queryClient.cancelQueries({ queryKey: ['flags', org, project] })
      show(queryClient, { org, project }, flag, environment, enabled)
    },
    onError: (_error, { flag, environment, enabled }) =>
      show(queryClient, { org, project }, flag, environment, !enabled),
    onSettled: (_data, _error, { flag }) =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ['flags', org, project] }),
        queryClient.invalidateQueries({ queryKey: ['flag', org, project, flag] }),
        queryClient.invalidateQueries({ queryKey: ['flagEnvironment', org, project, flag] }),
      ]),
  })
}

function show(queryClient: QueryClient, { org, project }: Scope, key: string, environment: string, enabled: boolean) {
  const change = (flag: FlagView): FlagView => {
    const state = flag.environments[environment]
    return flag.key !== key || state === undefined
      ? flag
      : { ...flag, environments: { ...flag.environments, [environment]: { ...state, enabled } } }
  }
  queryClient.setQueriesData<InfiniteData<{ items: FlagView[] }>>({ queryKey: ['flags', org, project, 'list'] }, (data) =>
    data === undefined
      ? data
      : { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })) },
  )
  queryClient.setQueryData<{ body: FlagView; etag: string | null }>(['flag', org, project, key], (data) =>
    data === undefined ? data : { ...data, body: change(data.body) },
  )
}
