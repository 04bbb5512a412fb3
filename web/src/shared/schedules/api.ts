import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

type Schemas = components['schemas']

export type ScheduleView = Schemas['ScheduleView']
export type ScheduleRequest = Schemas['ScheduleRequest']
export type ScheduleState = Schemas['ScheduleState']
export type FlagSchedulesView = Schemas['FlagSchedulesView']
export type SchedulePreviewView = Schemas['SchedulePreviewView']
export type TimelineLaneView = Schemas['TimelineLaneView']
export type TimelineSpanView = Schemas['TimelineSpanView']

/** Who decides when, flag by flag. */
export const timelineQuery = (
  { org, project }: Scope,
  query: { from: string; to: string; environment?: string; flag?: string; after?: string },
) =>
  queryOptions({
    queryKey: ['schedules', org, project, 'timeline', query],
    queryFn: () => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/schedules/timeline', { params: { path: { org, project }, query } })),
  })

/** The flags for which something is scheduled, by key; each with its environments. */
export const scheduledQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['schedules', org, project, 'next'],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/schedules/next', { params: { path: { org, project } } }))).items,
    staleTime: 30_000,
  })
