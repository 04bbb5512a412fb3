import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { Scope } from '@/shared/project/scope'
import type { ScheduleRequest, ScheduleView } from '@/shared/schedules/api'

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/schedules'

/** The schedules of a flag in an environment, and what changes next. */
export const schedulesQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['schedules', org, project, 'flag', flag, env],
    queryFn: () => unwrap(client.GET(path, { params: { path: { org, project, flag, env } } })),
  })

/** What a schedule would do. */
export const previewQuery = ({ org, project }: Scope, flag: string, env: string, body: ScheduleRequest | null) =>
  queryOptions({
    queryKey: ['schedulePreview', org, project, flag, env, body],
    queryFn: ({ signal }) => unwrap(client.POST(`${path}/preview`, { params: { path: { org, project, flag, env } }, body: body as ScheduleRequest, signal })),
    enabled: body !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 10_000,
  })

/** Makes, changes and deletes schedules. */
export function useScheduleActions({ org, project }: Scope, flag: string, env: string) {
  const queryClient = useQueryClient()
  const at = { org, project, flag, env }
  const onSettled = () => Promise.all(['schedules', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const create = useMutation({
    mutationFn: (body: ScheduleRequest) => unwrap(client.POST(path, { params: { path: at }, body })),
    onSettled,
  })
  const update = useMutation({
    mutationFn: ({ schedule, body }: { schedule: ScheduleView; body: ScheduleRequest }) =>
      unwrap(client.PUT(`${path}/{id}`, { params: { path: { ...at, id: schedule.id }, header: { 'If-Match': `"${schedule.version}"` } }, body })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (schedule: ScheduleView) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { ...at, id: schedule.id } } })),
    onSettled,
  })
  return { create, update, remove }
}

/** A schedule as it would be sent back. */
export const requestOf = (schedule: ScheduleView): ScheduleRequest => ({
  name: schedule.name, kind: schedule.kind, action: schedule.action, at: schedule.at, change: schedule.change, catchUpMinutes: schedule.catchUpMinutes,
  cron: schedule.cron, timeZone: schedule.timeZone, durationMinutes: schedule.durationMinutes, from: schedule.from, until: schedule.until,
  priority: schedule.priority, enabled: schedule.enabled,
})
