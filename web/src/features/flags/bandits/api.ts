import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { isProblem } from '@/shared/api/problem'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'

type Schemas = components['schemas']
export type AlgorithmView = Schemas['AlgorithmView']
export type AlgorithmKind = Schemas['AlgorithmKind']
export type PutAlgorithm = Schemas['PutAlgorithmRequest']
export type AlgorithmStateView = Schemas['AlgorithmStateView']
export type AlgorithmHistoryView = Schemas['AlgorithmHistoryView']
export type BanditState = Schemas['BanditState']
export type ArmReport = Schemas['ArmReport']

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}/environments/{env}/algorithm'

/** The weights move by themselves, which nobody announces. */
const refresh = 5_000

/** The algorithm of a flag in an environment; null where it is gone meanwhile. */
export const algorithmQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['algorithm', org, project, flag, env],
    queryFn: () =>
      unwrap(client.GET(path, { params: { path: { org, project, flag, env } } })).catch((error: unknown) => {
        if (isProblem(error, 'not_found')) {
          return null
        }
        throw error
      }),
    // That one is started is announced.
    refetchInterval: ({ state }) => (state.data == null ? false : refresh),
  })

/** What it has come to. */
export const stateQuery = ({ org, project }: Scope, flag: string, env: string) =>
  queryOptions({
    queryKey: ['algorithm', org, project, flag, env, 'state'],
    queryFn: () => unwrap(client.GET(`${path}/state`, { params: { path: { org, project, flag, env } } })),
    refetchInterval: refresh,
  })

/** How it came there. */
export const historyQuery = ({ org, project }: Scope, flag: string, env: string, hours: number) =>
  queryOptions({
    queryKey: ['algorithm', org, project, flag, env, 'history', hours],
    queryFn: () => unwrap(client.GET(`${path}/history`, { params: { path: { org, project, flag, env }, query: { hours } } })),
    refetchInterval: 2 * refresh,
    placeholderData: keepPreviousData,
  })

/** The metrics that give everybody a number of their own. */
export const rewardMetricsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['metrics', org, project, 'rewards'],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/metrics', { params: { path: { org, project }, query: { limit: 200 } } }))).items.filter(({ definition }) =>
        ['conversion', 'count', 'sum'].includes(definition.kind),
      ),
  })

/** Starts, changes and removes it. */
export function useAlgorithmActions({ org, project }: Scope, flag: string, env: string) {
  const queryClient = useQueryClient()
  const at = { org, project, flag, env }
  const renew = (...roots: string[]) => Promise.all(roots.map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  // The flag first: it says whether there is one to ask about.
  const onSettled = () => renew('flag', 'flags', 'flagEnvironment', 'audit', 'changeRequests').then(() => renew('algorithm'))
  const header = (version: number | undefined) => (version === undefined ? undefined : { 'If-Match': `"${version}"` })
  const put = useMutation({
    mutationFn: ({ version, body }: { version?: number; body: PutAlgorithm }) => unwrap(client.PUT(path, { params: { path: at, header: header(version) }, body })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (version: number) => unwrap(client.DELETE(path, { params: { path: at, header: header(version) } })),
    onSettled,
  })
  return { put, remove }
}
