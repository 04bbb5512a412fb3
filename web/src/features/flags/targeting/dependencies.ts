import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

export type Dependencies = components['schemas']['FlagDependenciesView']

/** What a flag needs and what needs it, over all levels. */
export const dependenciesQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['flag', org, project, flag, 'dependencies', env],
    queryFn: () =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/dependencies', {
          params: { path: { org, project, flag, env } },
        }),
      ),
  })
