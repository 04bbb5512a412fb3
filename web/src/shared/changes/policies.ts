import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

export type ChangePolicy = components['schemas']['ChangePolicyView']

/** What needs an approval in a project. */
export const policiesQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['changePolicies', org, project],
    queryFn: async () => (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/change-policies', { params: { path: { org, project } } }))).items,
  })

/** The header of a call that goes past approvals. */
export const bypassing = (bypass: boolean | undefined) => (bypass ? { 'Togglr-Bypass': 'true' } : undefined)
