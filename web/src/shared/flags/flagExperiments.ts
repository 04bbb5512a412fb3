import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { Scope } from '../project/scope'

/** Keys of the experiments that run on a flag, in whatever environment. */
export const flagExperimentsQuery = ({ org, project }: Scope, flag: string) =>
  queryOptions({
    queryKey: ['experiments', org, project, 'of', flag],
    queryFn: async () =>
      (
        await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/experiments', { params: { path: { org, project }, query: { flag, state: ['running', 'paused'] } as never } }))
      ).items.map(({ key }) => key),
  })
