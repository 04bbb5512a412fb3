import { queryOptions } from '@tanstack/react-query'
import { client, unwrap, unwrapWithVersion } from '@/shared/api/client'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}'

/** A flag and the version for a later `If-Match`. */
export const flagQuery = ({ org, project }: Scope, flag: string) =>
  queryOptions({
    queryKey: ['flag', org, project, flag],
    queryFn: () => unwrapWithVersion(client.GET(path, { params: { path: { org, project, flag } } })),
  })

/** The flags that have this one as a prerequisite. */
export const flagReferencesQuery = ({ org, project }: Scope, flag: string) =>
  queryOptions({
    queryKey: ['flag', org, project, flag, 'references'],
    queryFn: () =>
      unwrap(client.GET(`${path}/references`, { params: { path: { org, project, flag } } })),
  })
