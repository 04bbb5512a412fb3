import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagView, Page } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'

export type FlagFilter = {
  search?: string
  type?: string
  kind?: string
  tag?: string
  category?: string
  archived?: 'true' | 'all'
  sort?: string
}

export const flagListQuery = ({ org, project }: Scope, filter: FlagFilter) =>
  infiniteQueryOptions({
    queryKey: ['flags', org, project, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap<Page<FlagView>>(
        client.GET('/orgs/{org}/projects/{project}/flags', {
          params: {
            path: { org, project },
            query: { ...filter, sort: filter.sort ?? '-updatedAt', limit: 100, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })
