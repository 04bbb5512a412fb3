import { queryOptions } from '@tanstack/react-query'
import { unwrap } from '@/shared/api/client'
import { draft } from '@/shared/api/draft'
import type { PrincipalRef } from './grants'
import type { EffectiveView } from './types'

/** What somebody may do somewhere, and by which of their roles. */
export const effectiveQuery = (org: string, { kind, id }: PrincipalRef, project: string | undefined, environment: string | undefined) =>
  queryOptions({
    queryKey: ['effective', org, kind, id, project, environment],
    queryFn: () =>
      unwrap<EffectiveView>(
        draft.GET('/api/v1/orgs/{org}/permissions/effective', {
          params: { path: { org }, query: { principal: `${kind}:${id}`, project, environment } },
        }),
      ),
    placeholderData: (previous) => previous,
  })
