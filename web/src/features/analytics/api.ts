import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type AnalyticsView = Schemas['AnalyticsView']
export type UnknownFlagView = Schemas['UnknownFlagView']

const project = '/api/v1/orgs/{org}/projects/{project}'

/** How the flags of an environment were used. New figures are told live; asking by time is for when that is not heard, and moves the end of the chart. */
export const analyticsQuery = (scope: Scope, environment: string, range: string) =>
  queryOptions({
    queryKey: ['analytics', scope.org, scope.project, environment, range],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/analytics`, { params: { path: { ...scope }, query: { environment, range } }, signal })),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })

export const unknownFlagsQuery = (scope: Scope, environment: string) =>
  queryOptions({
    queryKey: ['analytics', scope.org, scope.project, environment, 'unknown'],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/analytics/unknown-flags`, { params: { path: { ...scope }, query: { environment } }, signal })),
    refetchInterval: 30_000,
  })
