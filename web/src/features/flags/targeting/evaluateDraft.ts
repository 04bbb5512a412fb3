import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { Configuration, ConfigurationBody } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import type { EvaluationTrace } from '@/shared/targeting/trace'

export type DraftAnswer = { variant: string | null; value: unknown; reason: string; trace: EvaluationTrace | null }

/** What a context would get from a draft if the flag were switched on, with every step. */
export const draftEvaluationQuery = ({ org, project }: Scope, env: string, flag: string, draft: Configuration, context: EvaluationContext) =>
  queryOptions({
    queryKey: ['draftEvaluation', org, project, env, flag, draft, context],
    queryFn: async ({ signal }): Promise<DraftAnswer | null> => {
      const { results } = await unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/evaluate', {
          params: { path: { org, project, env } },
          body: { context, flags: [flag], trace: true, draft: { flag, configuration: draft as ConfigurationBody } },
          signal,
        }),
      )
      const [result] = results
      return result === undefined
        ? null
        : { variant: result.variant, value: result.value, reason: result.reason, trace: (result.trace ?? null) as EvaluationTrace | null }
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 10_000,
  })
