import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

export type Reach = components['schemas']['RevisionReachView']

/** How long somebody waits for the last connection. */
const patience = 30_000

/** How far the last change of a flag has come in an environment. Asked again until it is everywhere. */
export const reachQuery = ({ org, project }: Scope, flag: string, env: string, change: number) =>
  queryOptions({
    queryKey: ['reach', org, project, flag, env, change],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/propagation', { params: { path: { org, project, flag, env } }, signal }),
      ),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.isComplete || Date.now() - Date.parse(data.committedAt) > patience ? false : data.milliseconds === null ? 250 : 700,
    staleTime: Infinity,
    retry: false,
  })
