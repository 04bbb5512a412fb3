import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { Scope } from '@/shared/project/scope'

/** The flags changed last: what is looked for most, found by the parts of keys without asking the server. */
export const latestFlagsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['flags', org, project, 'latest'],
    queryFn: async ({ signal }) =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects/{project}/flags', {
            params: { path: { org, project }, query: { limit: 200, sort: '-updatedAt' } },
            signal,
          }),
        )
      ).items,
  })

/** Flags anywhere in the project whose key, name or description has the text. */
export const foundFlagsQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['flags', org, project, 'found', search],
    queryFn: async ({ signal }) =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects/{project}/flags', {
            params: { path: { org, project }, query: { limit: 20, sort: 'key', search } },
            signal,
          }),
        )
      ).items,
    placeholderData: (previous) => previous,
  })
