import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { bypassing } from '@/shared/changes/policies'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type Comparison = Schemas['EnvironmentComparisonView']
export type FlagDifference = Schemas['FlagDifferenceView']
export type FlagSide = Schemas['FlagSideView']
export type FlagAspect = Schemas['FlagAspect']
export type ConflictPolicy = Schemas['ConflictPolicy']
export type Promotion = Schemas['PromotionView']

const path = '/api/v1/orgs/{org}/projects/{project}/environments/{env}'

/** Compares an environment with one of the same project, or of another one. */
export const comparisonQuery = ({ org, project }: Scope, fromProject: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['comparison', org, project, fromProject, from, to],
    queryFn: ({ signal }) =>
      unwrap(client.GET(`${path}/compare`, { params: { path: { org, project, env: to }, query: { from, fromProject } }, signal })),
    enabled: from !== '' && to !== '' && (from !== to || fromProject !== project),
  })

export type PromotionPlan = { createSegments: boolean; fromProject: string; from: string; to: string; flags: string[]; conflictPolicy: ConflictPolicy }

/** What a promotion would do: the server tries everything and keeps nothing. */
export const rehearsalQuery = ({ org, project }: Scope, { to, ...body }: PromotionPlan) =>
  queryOptions({
    queryKey: ['comparison', org, project, body.fromProject, body.from, to, 'rehearsal', body],
    queryFn: ({ signal }) =>
      unwrap(client.POST(`${path}/promote`, { params: { path: { org, project, env: to } }, body: { ...body, dryRun: true }, signal })),
    retry: false,
    gcTime: 0,
  })

export function usePromote({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ to, bypass, ...body }: PromotionPlan & { reason: string; fromRevision: number; toRevision: number; bypass?: boolean }) => {
      noteOwnChange('environment', to)
      return unwrap(
        client.POST(`${path}/promote`, {
          params: { path: { org, project, env: to } },
          body: { ...body, reason: body.reason === '' ? null : body.reason },
          headers: bypassing(bypass),
        }),
      )
    },
    onSettled: () => refresh(queryClient, org),
  })
}

/** Brings back what flags did before a promotion, all of them or none. */
export function useUndoPromotion({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ to, ...body }: { to: string; reason: string } & Traces) => {
      noteOwnChange('environment', to)
      return unwrap(client.POST(`${path}/promote/undo`, { params: { path: { org, project, env: to } }, body }))
    },
    onSettled: () => refresh(queryClient, org),
  })
}

/** What a promotion left, with the versions by which it can be undone. */
export type Traces = { flags: Record<string, number>; flagVersions: Record<string, number>; segments: string[] }

/** How many flags a promotion changed, and what an undo has to name. */
export function changedBy(promotion: Promotion): { count: number; traces: Traces } {
  const changed = promotion.flags.filter(({ outcome }) => outcome === 'created' || outcome === 'copied' || outcome === 'overwritten')
  const versions = (of: 'version' | 'flagVersion') => Object.fromEntries(changed.flatMap((flag): [string, number][] => (flag[of] === null ? [] : [[flag.flag, flag[of]]])))
  return { count: changed.length, traces: { flags: versions('version'), flagVersions: versions('flagVersion'), segments: promotion.createdSegments } }
}

const refresh = (queryClient: QueryClient, org: string) =>
  Promise.all(
    ['comparison', 'flags', 'flag', 'flagEnvironment', 'environments', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })),
  )
