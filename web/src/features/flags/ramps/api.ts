import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type RampView = Schemas['RampView']
export type RampDetailView = Schemas['RampDetailView']
export type RampObservationView = Schemas['RampObservationView']
export type RampStepBody = Schemas['RampStepBody']
export type StartRampRequest = Schemas['StartRampRequest']
export type RampDeed = 'pause' | 'resume' | 'skip' | 'approve' | 'rollback' | 'cancel'

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/ramps'

export const rampsQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['ramps', org, project, flag, env],
    queryFn: async () => (await unwrap(client.GET(path, { params: { path: { org, project, flag, env } } }))).items,
  })

/** A ramp with what was seen of it, every few seconds while it goes on. */
export const rampQuery = ({ org, project }: Scope, ramp: RampView) =>
  queryOptions({
    queryKey: ['ramps', org, project, ramp.flag, ramp.environment, ramp.id],
    queryFn: () => unwrap(client.GET(`${path}/{id}`, { params: { path: { org, project, flag: ramp.flag, env: ramp.environment, id: ramp.id } } })),
    refetchInterval: ramp.endedAt === null ? 5_000 : false,
  })

export function useRampActions({ org, project }: Scope, flag: string, env: string) {
  const queryClient = useQueryClient()
  const at = { org, project, flag, env }
  const onSettled = () =>
    Promise.all(['ramps', 'flags', 'flag', 'flagEnvironment', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const start = useMutation({
    mutationFn: (body: StartRampRequest) => {
      noteOwnChange('ramp', flag)
      return unwrap(client.POST(path, { params: { path: at }, body }))
    },
    onSettled,
  })
  const move = useMutation({
    mutationFn: ({ ramp, deed, reason }: { ramp: RampView; deed: RampDeed; reason?: string }) => {
      noteOwnChange('ramp', flag)
      return unwrap(client.POST(`${path}/{id}/${deed}`, { params: { path: { ...at, id: ramp.id } }, body: { reason: reason || undefined } }))
    },
    onSettled,
  })
  return { start, move }
}
