import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { Scope } from './scope'

/** How often the flags of a project were evaluated, by flag and step of time, for sparklines. Without an environment: in all together. */
export const usageQuery = ({ org, project }: Scope, environment?: string, hours = 24) =>
  queryOptions({
    queryKey: ['usage', org, project, environment, hours],
    queryFn: () =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/usage', {
          params: { path: { org, project }, query: { environment, hours } },
        }),
      ),
    staleTime: 30_000,
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  })

/** What is happening in an environment right now. */
export const connectionsQuery = ({ org, project }: Scope, env: string) =>
  queryOptions({
    queryKey: ['connections', org, project, env],
    queryFn: () =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/environments/{env}/connections', {
          params: { path: { org, project, env } },
        }),
      ),
    refetchInterval: 5_000,
  })

/** How far an application has come with being connected. The first evaluation is told live; asking is for when that is not heard. */
export const onboardingQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['onboarding', org, project],
    queryFn: () =>
      unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/onboarding', { params: { path: { org, project } } })),
    refetchInterval: 5_000,
  })
