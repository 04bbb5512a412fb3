import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

type Schemas = components['schemas']
export type HealthBoardView = Schemas['HealthBoardView']
export type HealthRowView = Schemas['HealthRowView']
export type FlagHealthView = Schemas['FlagHealthView']
export type HealthSeriesListView = Schemas['HealthSeriesListView']
export type HealthSettingsView = Schemas['HealthSettingsView']
export type PutHealthSettingsRequest = Schemas['PutHealthSettingsRequest']
export type IncidentView = Schemas['IncidentView']
export type IncidentDetailView = Schemas['IncidentDetailView']
export type HealthState = HealthRowView['state']

const project = '/api/v1/orgs/{org}/projects/{project}'
const often = 2_000

export const boardQuery = (scope: Scope, environment: string | undefined) =>
  queryOptions({
    queryKey: ['health', scope.org, scope.project, 'board', environment],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/health`, { params: { path: scope, query: { environment } }, signal })),
    refetchInterval: often,
    placeholderData: keepPreviousData,
  })

export const flagHealthQuery = (scope: Scope, flag: string) =>
  queryOptions({
    queryKey: ['health', scope.org, scope.project, 'flag', flag],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/flags/{flag}/health`, { params: { path: { ...scope, flag } }, signal })),
    refetchInterval: often,
  })

export const seriesQuery = (scope: Scope, flag: string, env: string, minutes: number) =>
  queryOptions({
    queryKey: ['health', scope.org, scope.project, 'series', flag, env, minutes],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/flags/{flag}/environments/{env}/health`, { params: { path: { ...scope, flag, env }, query: { minutes } }, signal })),
    refetchInterval: often,
    placeholderData: keepPreviousData,
  })

export const settingsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: ['health', scope.org, scope.project, 'settings'],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/health/settings`, { params: { path: scope }, signal })),
  })

export const incidentsQuery = (scope: Scope, state: 'open' | undefined) =>
  infiniteQueryOptions({
    queryKey: ['incidents', scope.org, scope.project, 'list', state],
    queryFn: ({ pageParam, signal }) => unwrap(client.GET(`${project}/incidents`, { params: { path: scope, query: { state, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 10_000,
  })

export const incidentQuery = (scope: Scope, incident: number) =>
  queryOptions({
    queryKey: ['incidents', scope.org, scope.project, 'one', incident],
    queryFn: ({ signal }) => unwrap(client.GET(`${project}/incidents/{incident}`, { params: { path: { ...scope, incident } }, signal })),
    refetchInterval: 5_000,
  })

export const reportQuery = (scope: Scope, days: number, environment: string | undefined) =>
  queryOptions({
    queryKey: ['health', scope.org, scope.project, 'report', days, environment],
    queryFn: ({ signal }) =>
      unwrap(client.GET(`${project}/health/sla`, { params: { path: scope, query: { from: new Date(Date.now() - days * 86_400_000).toISOString(), environment } }, signal })),
    placeholderData: keepPreviousData,
  })

/** The report as a file. The request carries the access token, which a link would not. */
export async function downloadReport(scope: Scope, days: number, environment: string | undefined) {
  const text = await unwrap(
    client.GET(`${project}/health/sla.csv`, { params: { path: scope, query: { from: new Date(Date.now() - days * 86_400_000).toISOString(), environment } }, parseAs: 'text' }),
  )
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  link.download = `health-${scope.project}.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** Where settings are for: nothing for the project. */
export type HealthPlace = { environment?: string; flag?: string }

export function useHealthSettings(scope: Scope, { environment, flag }: HealthPlace) {
  const queryClient = useQueryClient()
  const onSettled = () => Promise.all(['health', 'audit', 'changeRequests'].map((root) => queryClient.invalidateQueries({ queryKey: [root, scope.org] })))
  const header = (version: number): Record<string, string> => (version === 0 ? {} : { 'If-Match': `"${version}"` })
  const put = useMutation({
    mutationFn: async ({ body, version }: { body: PutHealthSettingsRequest; version: number }) => {
      if (environment === undefined) {
        await unwrap(client.PUT(`${project}/health/settings`, { params: { path: scope }, headers: header(version), body }))
      } else if (flag === undefined) {
        await unwrap(client.PUT(`${project}/environments/{env}/health/settings`, { params: { path: { ...scope, env: environment } }, headers: header(version), body }))
      } else {
        await unwrap(client.PUT(`${project}/flags/{flag}/environments/{env}/health/settings`, { params: { path: { ...scope, flag, env: environment } }, headers: header(version), body }))
      }
    },
    onSettled,
  })
  const reset = useMutation({
    mutationFn: async () => {
      if (environment === undefined) {
        await unwrap(client.DELETE(`${project}/health/settings`, { params: { path: scope } }))
      } else if (flag === undefined) {
        await unwrap(client.DELETE(`${project}/environments/{env}/health/settings`, { params: { path: { ...scope, env: environment } } }))
      } else {
        await unwrap(client.DELETE(`${project}/flags/{flag}/environments/{env}/health/settings`, { params: { path: { ...scope, flag, env: environment } } }))
      }
    },
    onSettled,
  })
  return { put, reset }
}

export function useIncidentActions(scope: Scope, incident: number) {
  const queryClient = useQueryClient()
  const path = { ...scope, incident }
  const onSettled = () => Promise.all(['incidents', 'health', 'flags', 'flag', 'flagEnvironment', 'audit', 'changeRequests'].map((root) => queryClient.invalidateQueries({ queryKey: [root, scope.org] })))
  const say = useMutation({ mutationFn: (text: string) => unwrap(client.POST(`${project}/incidents/{incident}/comments`, { params: { path }, body: { text } })), onSettled })
  const resolve = useMutation({
    mutationFn: (comment: string) => unwrap(client.POST(`${project}/incidents/{incident}/resolve`, { params: { path }, body: { comment: comment || undefined } })),
    onSettled,
  })
  const revive = useMutation({
    mutationFn: ({ flag, environment, reason }: { flag: string; environment: string; reason: string }) =>
      unwrap(client.POST(`${project}/flags/{flag}/revive`, { params: { path: { ...scope, flag } }, body: { reason, environments: [environment] } })),
    onSettled,
  })
  return { say, resolve, revive }
}
