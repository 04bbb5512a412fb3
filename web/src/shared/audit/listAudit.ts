import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { Scope } from '../project/scope'

export type AuditFilter = {
  entity?: string
  entityKey?: string
  environment?: string
  action?: string
  from?: string
  to?: string
  search?: string
}

/** Who did what in a project, newest first. */
export const auditQuery = ({ org, project }: Scope, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', org, project, filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/audit', {
          params: { path: { org }, query: { ...filter, project, limit: 50, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })
