import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { PrincipalRef } from './grants'

/** What somebody may do somewhere, and by which of their roles. */
export const effectiveQuery = (org: string, { kind, id }: PrincipalRef, project: string | undefined, environment: string | undefined) =>
  queryOptions({
    queryKey: ['effective', org, kind, id, project, environment],
    queryFn: () =>
      unwrap(client.GET('/api/v1/orgs/{org}/permissions/effective', {
          params: { path: { org }, query: { principal: `${kind}:${id}`, project, environment } },
        }),
      ),
    placeholderData: (previous) => previous,
  })
