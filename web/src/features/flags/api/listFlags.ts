import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagKind, FlagType } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'

export type FlagFilter = {
  search?: string
  type?: FlagType
  kind?: FlagKind
  tag?: string
  category?: string
  archived?: 'true' | 'all'
  sort?: string
}

export const flagListQuery = ({ org, project }: Scope, filter: FlagFilter) =>
  infiniteQueryOptions({
    queryKey: ['flags', org, project, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/flags', {
          params: {
            path: { org, project },
            query: { ...filter, tag: filter.tag === undefined ? undefined : [filter.tag], sort: filter.sort ?? '-updatedAt', limit: 100, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })
