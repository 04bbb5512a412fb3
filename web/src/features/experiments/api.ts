import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type ExperimentView = Schemas['ExperimentView']
export type ExperimentState = Schemas['ExperimentState']
export type ChecklistView = Schemas['ChecklistView']
export type MetricView = Schemas['MetricView']
export type MetricDefinition = Schemas['MetricDefinition']
export type MetricFilter = Schemas['MetricFilter']
export type PlannedMetric = Schemas['PlannedMetric']
export type LayerView = Schemas['LayerView']
export type HoldoutView = Schemas['HoldoutView']

const root = '/api/v1/orgs/{org}/projects/{project}'
const one = `${root}/experiments/{experiment}` as const

export type ListSearch = { search?: string; state?: ExperimentState; in?: string; flag?: string }

export const experimentsQuery = ({ org, project }: Scope, { search, state, in: environment, flag }: ListSearch) =>
  infiniteQueryOptions({
    queryKey: ['experiments', org, project, search, state, environment, flag],
    queryFn: ({ pageParam }) =>
      unwrap(client.GET(`${root}/experiments`, { params: { path: { org, project }, query: { search, state: state === undefined ? undefined : [state], environment, flag, cursor: pageParam, limit: 50 } as never } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

export const experimentQuery = ({ org, project }: Scope, experiment: string) =>
  queryOptions({
    queryKey: ['experiment', org, project, experiment],
    queryFn: () => unwrap(client.GET(one, { params: { path: { org, project, experiment } } })),
  })

export const powerQuery = ({ org, project }: Scope, { key, version }: Pick<ExperimentView, 'key' | 'version'>) =>
  queryOptions({
    queryKey: ['experiment', org, project, key, 'power', version],
    queryFn: () => unwrap(client.GET(`${one}/power`, { params: { path: { org, project, experiment: key } } })),
  })

export const checklistQuery = ({ org, project }: Scope, { key, version }: ExperimentView, beforeRule?: string) =>
  queryOptions({
    queryKey: ['experiment', org, project, key, 'checklist', version, beforeRule],
    queryFn: () => unwrap(client.GET(`${one}/checklist`, { params: { path: { org, project, experiment: key }, query: { beforeRule } } })),
  })

export const metricsQuery = ({ org, project }: Scope, search: string, archived: boolean) =>
  infiniteQueryOptions({
    queryKey: ['metrics', org, project, search, archived],
    queryFn: ({ pageParam }) =>
      unwrap(client.GET(`${root}/metrics`, { params: { path: { org, project }, query: { search: search || undefined, archived: archived ? 'true' : 'false', cursor: pageParam, limit: 200 } as never } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

export const layersQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['layers', org, project],
    queryFn: async () => (await unwrap(client.GET(`${root}/layers`, { params: { path: { org, project }, query: { limit: 200 } } }))).items,
  })

export const holdoutsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['holdouts', org, project],
    queryFn: async () => (await unwrap(client.GET(`${root}/holdouts`, { params: { path: { org, project }, query: { limit: 200 } } }))).items,
  })

/** The flag as far as an experiment asks: its variants. */
export const flagOfQuery = ({ org, project }: Scope, flag: string) =>
  queryOptions({
    queryKey: ['flag', org, project, flag, 'variants'],
    queryFn: () => unwrap(client.GET(`${root}/flags/{flag}`, { params: { path: { org, project, flag } } })),
  })

/** The rules between which the rule of an experiment is put. */
export const rulesQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['flagEnvironment', org, project, flag, env, 'rules'],
    queryFn: async () => (await unwrap(client.GET(`${root}/flags/{flag}/environments/{env}`, { params: { path: { org, project, flag, env } } }))).rules,
  })

const touched = ['experiments', 'experiment', 'layers', 'holdouts', 'metrics', 'flags', 'flagList', 'flag', 'flagEnvironment', 'audit']

export function useExperimentActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSettled = () => Promise.all(touched.map((key) => queryClient.invalidateQueries({ queryKey: [key, org] })))
  const at = (experiment: string) => ({ params: { path: { org, project, experiment } } })
  const create = useMutation({
    mutationFn: (body: Schemas['CreateExperimentRequest']) => {
      noteOwnChange('experiment', body.key)
      return unwrap(client.POST(`${root}/experiments`, { params: { path: { org, project } }, body }))
    },
    onSettled,
  })
  const update = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['UpdateExperimentRequest'] }) => {
      noteOwnChange('experiment', key)
      return unwrap(client.PATCH(one, { ...at(key), body }))
    },
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (key: string) => {
      noteOwnChange('experiment', key)
      return unwrap(client.DELETE(one, at(key)))
    },
    onSettled,
  })
  const start = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['StartExperimentRequest'] }) => unwrap(client.POST(`${one}/start`, { ...at(key), body })),
    onSettled,
  })
  const move = useMutation({
    mutationFn: ({ key, deed, reason }: { key: string; deed: 'pause' | 'resume' | 'stop' | 'archive'; reason?: string }) => {
      noteOwnChange('experiment', key)
      return unwrap(client.POST(`${one}/${deed}`, { ...at(key), body: { reason: reason || undefined } }))
    },
    onSettled,
  })
  const phase = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['BeginPhaseRequest'] }) => unwrap(client.POST(`${one}/phases`, { ...at(key), body })),
    onSettled,
  })
  const decide = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['DecideExperimentRequest'] }) => unwrap(client.POST(`${one}/decide`, { ...at(key), body })),
    onSettled,
  })
  const override = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['OverrideExperimentRequest'] }) => unwrap(client.PUT(`${one}/overrides`, { ...at(key), body })),
    onSettled,
  })
  return { create, update, remove, start, move, phase, decide, override }
}

export function useMetricActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSettled = () => Promise.all(['metrics', 'experiment', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key, org] })))
  const at = (metric: string) => ({ params: { path: { org, project, metric } } })
  const create = useMutation({
    mutationFn: (body: Schemas['CreateMetricRequest']) => unwrap(client.POST(`${root}/metrics`, { params: { path: { org, project } }, body })),
    onSettled,
  })
  const update = useMutation({
    mutationFn: ({ key, body }: { key: string; body: Schemas['UpdateMetricRequest'] }) => unwrap(client.PATCH(`${root}/metrics/{metric}`, { ...at(key), body })),
    onSettled,
  })
  const remove = useMutation({ mutationFn: (key: string) => unwrap(client.DELETE(`${root}/metrics/{metric}`, at(key))), onSettled })
  return { create, update, remove }
}

export function useLayerActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const onSettled = () => Promise.all(['layers', 'holdouts', 'experiment', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key, org] })))
  const path = { org, project }
  const createLayer = useMutation({ mutationFn: (body: Schemas['CreateLayerRequest']) => unwrap(client.POST(`${root}/layers`, { params: { path }, body })), onSettled })
  const removeLayer = useMutation({ mutationFn: (layer: string) => unwrap(client.DELETE(`${root}/layers/{layer}`, { params: { path: { ...path, layer } } })), onSettled })
  const createHoldout = useMutation({ mutationFn: (body: Schemas['CreateHoldoutRequest']) => unwrap(client.POST(`${root}/holdouts`, { params: { path }, body })), onSettled })
  const removeHoldout = useMutation({ mutationFn: (holdout: string) => unwrap(client.DELETE(`${root}/holdouts/{holdout}`, { params: { path: { ...path, holdout } } })), onSettled })
  return { createLayer, removeLayer, createHoldout, removeHoldout }
}
