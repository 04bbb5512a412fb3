import { keepPreviousData, queryOptions, useQueries, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'
import type { ExperimentView } from '../api'
import { historyTimes } from './history'

type Schemas = components['schemas']
export type ResultsView = Schemas['ExperimentResultsView']
export type AnalysisResult = Schemas['AnalysisResult']
export type MetricResult = Schemas['MetricResult']
export type Comparison = Schemas['ComparisonResult']
export type HealthResult = Schemas['HealthResult']

/** A result with its time. */
export type Known = { at: string; result: AnalysisResult }

const one = '/api/v1/orgs/{org}/projects/{project}/experiments/{experiment}/results' as const

/** How often is asked whether there is something new while people come. */
const often = 30_000

const read = ({ org, project }: Scope, experiment: string, of: { phase?: number; asOf?: string; look?: number }) => unwrap(client.GET(one, { params: { path: { org, project, experiment }, query: of } }))

/** The results of a phase; of the newest that something is known of if none is named. */
export const resultsQuery = (scope: Scope, { key, state }: Pick<ExperimentView, 'key' | 'state'>, phase?: number) =>
  queryOptions({
    // Below 'experiment', so that what happens to it asks anew at once.
    queryKey: ['experiment', scope.org, scope.project, key, 'results', phase ?? null],
    queryFn: () => read(scope, key, { phase }),
    refetchInterval: state === 'archived' ? false : often,
    placeholderData: keepPreviousData,
  })

export const useResults = (scope: Scope, experiment: ExperimentView, phase?: number) => useQuery(resultsQuery(scope, experiment, phase))

/** What was known before, the oldest first and the present last, as far as it was kept: at times of a grid and at every planned look. What was does not change, so it is asked once. */
export function useHistory(scope: Scope, experiment: ExperimentView, { phase, at, result }: ResultsView): Known[] {
  const startedAt = experiment.phases.find(({ number }) => number === phase)?.startedAt
  const times = startedAt === undefined || at === null ? [] : historyTimes(startedAt, at)
  // Where any analysis may be a look they have no names.
  const looks = result?.looks == null ? [] : Array.from({ length: result.look }, (_, i) => i + 1)
  return useQueries({
    queries: [...times.map((asOf) => ({ asOf })), ...looks.map((look) => ({ look }))].map((of) => ({
      queryKey: ['experimentResultsOf', scope.org, scope.project, experiment.id, phase, of],
      queryFn: () => read(scope, experiment.key, { phase, ...of }),
      staleTime: Infinity,
      retry: false,
    })),
    combine: (answers) => {
      const found = new Map<string, Known>()
      for (const { data } of answers) {
        if (data !== undefined && data.phase === phase && data.at !== null && data.result !== null) {
          found.set(data.at, { at: data.at, result: data.result })
        }
      }
      if (at !== null && result !== null) {
        found.set(at, { at, result })
      }
      return [...found.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    },
  })
}
