import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type EventsView = Schemas['EventsView']
export type EventNameView = Schemas['EventNameView']
export type RecentEventView = Schemas['RecentEventView']
export type DeadLetterView = Schemas['DeadLetterView']
export type Chosen = { kind: 'exposure' | 'metric'; name: string } | undefined

const environment = '/api/v1/orgs/{org}/projects/{project}/environments/{env}'

/** What comes to an environment, and the latest of what was chosen. Asked for as long as somebody looks. */
export const eventsQuery = (scope: Scope, env: string, chosen: Chosen) =>
  queryOptions({
    queryKey: ['events', scope.org, scope.project, env, chosen?.kind, chosen?.name],
    queryFn: ({ signal }) => unwrap(client.GET(`${environment}/events`, { params: { path: { ...scope, env }, query: { ...chosen, limit: 50 } }, signal })),
    refetchInterval: 2_500,
    refetchIntervalInBackground: false,
    placeholderData: keepPreviousData,
  })

export const deadLettersQuery = (scope: Scope, env: string, code: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['events', scope.org, scope.project, env, 'dead', code],
    queryFn: ({ signal, pageParam }) =>
      unwrap(client.GET(`${environment}/events/dead-letters`, { params: { path: { ...scope, env }, query: { code, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  })
