import { keepPreviousData, queryOptions, useIsFetching } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Configuration } from '../api/types'
import type { Scope } from '../project/scope'

type Schemas = components['schemas']
export type Impact = Schemas['EnvironmentImpactView']
export type FlagImpact = Schemas['FlagImpactView']
export type ImpactFlow = Schemas['ImpactFlowView']
export type ImpactExample = Schemas['ImpactExampleView']

/** What would be changed: calls as change requests hold them, a request, or a restoration. */
export type ImpactQuestion =
  | { changes: { method: string; path: string; body?: unknown }[] }
  | { changeRequest: number }
  | { restore: { entry: string; to: 'before' | 'after' } }

/** Any of these lets somebody see whom a change affects. */
export const impactPermissions = ['flag.manage', 'flag.toggle', 'segment.manage', 'change.approve']

/** Whom a draft of a flag gives something else. */
export const draftImpactQuery = ({ org, project }: Scope, env: string, flag: string, configuration: Configuration, assumeOn: boolean) =>
  queryOptions({
    queryKey: ['impact', org, project, env, flag, configuration, assumeOn],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/impact', {
          params: { path: { org, project, env } },
          body: { flag, configuration: configuration as never, assumeOn },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    gcTime: 30_000,
    retry: false,
  })

/** Whom changes give something else, environment by environment. */
export const impactQuery = ({ org, project }: Scope, question: ImpactQuestion) =>
  queryOptions({
    queryKey: ['impact', org, project, question],
    queryFn: async ({ signal }) =>
      (
        await unwrap(
          client.POST('/api/v1/orgs/{org}/projects/{project}/impact', { params: { path: { org, project } }, body: question as never, signal }),
        )
      ).environments,
    staleTime: 5_000,
    gcTime: 30_000,
    retry: false,
  })

/**
 * Whether it is still being counted whom the changes of a project affect. What confirms a change waits for it: the answer is what is
 * confirmed, and it moves what stands below it.
 */
export const useCounting = ({ org, project }: Scope) =>
  useIsFetching({ queryKey: ['impact', org, project], predicate: ({ state }) => state.status === 'pending' }) > 0

/** Flows that are changes, of all flags. */
export const changesOf = (flag: FlagImpact): ImpactFlow[] => flag.flows.filter(({ isChange }) => isChange)

/** A share as percent, with as many digits as mean something. */
export function percent(share: number, language: string): string {
  const digits = share === 0 || share === 1 || share >= 0.1 ? 0 : share >= 0.01 ? 1 : 2
  return new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share)
}
