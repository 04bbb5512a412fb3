import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'

/** An organization, or one project of it. */
export type AuditScope = { org: string; project?: string }

export type AuditFilter = {
  project?: string
  entity?: string
  entityKey?: string
  environment?: string
  actor?: string
  action?: string
  from?: string
  to?: string
  search?: string
}

/** Who did what, newest first. */
export const auditQuery = ({ org, project }: AuditScope, filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', org, 'list', project, filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/audit', {
          params: { path: { org }, query: { ...filter, project: project ?? filter.project, limit: 50, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })

/** One entry with all that it recorded. What was written is never changed. */
export const auditEntryQuery = (org: string, id: string) =>
  queryOptions({
    queryKey: ['auditEntry', org, id],
    queryFn: () => unwrap(client.GET('/api/v1/orgs/{org}/audit/{id}', { params: { path: { org, id } } })),
    staleTime: Infinity,
  })

/** The latest changes of one thing, for going from one to the next. */
export const entityHistoryQuery = (org: string, { project, entity, entityKey }: { project: string | null; entity: string; entityKey: string }) =>
  queryOptions({
    queryKey: ['audit', org, 'history', project, entity, entityKey],
    queryFn: async () =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/audit', {
            params: { path: { org }, query: { project: project ?? undefined, entity, entityKey, limit: 100 } },
          }),
        )
      ).items,
  })

/** The values that the log has, for filters. */
export const auditFiltersQuery = (org: string) =>
  queryOptions({
    queryKey: ['audit', org, 'filters'],
    queryFn: () => unwrap(client.GET('/api/v1/orgs/{org}/audit/filters', { params: { path: { org } } })),
    staleTime: 60_000,
  })
