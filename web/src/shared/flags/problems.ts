import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

export type FlagProblems = components['schemas']['FlagProblemsItemView']

/** Errors and warnings of saved configurations. Every change of the project may make or solve one. */
export const problemsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['flags', org, project, 'problems'],
    queryFn: ({ signal }) => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/flag-problems', { params: { path: { org, project } }, signal })),
  })
