import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap, unwrapWithVersion } from '@/shared/api/client'
import type { Configuration, ConfigurationBody, FlagEnvironmentView } from '@/shared/api/types'
import { bypassing } from '@/shared/changes/policies'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}'

export type Versioned = { body: FlagEnvironmentView; etag: string }

/** What a flag does in one environment. */
export const configurationQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['flagEnvironment', org, project, flag, env],
    queryFn: () =>
      unwrapWithVersion(client.GET(path, { params: { path: { org, project, flag, env } } })),
  })

/** The editor's operators are texts, because the JSON view may hold any; the server checks them. */
const bodyOf = (configuration: Configuration) => configuration as ConfigurationBody

/** What the server thinks of a draft. */
export const analysisQuery = ({ org, project }: Scope, flag: string, env: string, draft: Configuration) =>
  queryOptions({
    queryKey: ['analysis', org, project, flag, env, draft],
    queryFn: async ({ signal }) =>
      (
        await unwrap(
          client.POST(`${path}/analyze`, { params: { path: { org, project, flag, env } }, body: bodyOf(draft), signal }),
        )
      ).problems,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
    staleTime: 10_000,
  })

/** Saves a configuration over the version that it was made from; a newer one on the server is a 412. */
export function useSaveConfiguration({ org, project }: Scope, flag: string, env: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ configuration, etag, reason, bypass }: { configuration: Configuration; etag: string; reason: string; bypass?: boolean }) => {
      noteOwnChange('flag', flag)
      return unwrapWithVersion(
        client.PUT(path, {
          params: { path: { org, project, flag, env }, header: { 'If-Match': etag } },
          body: { ...bodyOf(configuration), reason: reason || undefined },
          headers: bypassing(bypass),
        }),
      )
    },
    onSuccess: (saved) => {
      queryClient.setQueryData(configurationQuery({ org, project }, flag, env).queryKey, saved)
      return Promise.all(
        ['flags', 'flag', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })),
      )
    },
  })
}
