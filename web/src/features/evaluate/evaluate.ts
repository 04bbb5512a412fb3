import { useMutation } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagResultView } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationTrace } from '@/shared/targeting/trace'

export type Question = {
  environments: string[]
  context: Record<string, unknown>
  flags: string[] | null
  at: string | null
  revision: number | null
}
export type Result = Omit<FlagResultView, 'trace'> & { trace?: EvaluationTrace | null }
export type Answer = { environment: string; revision: number; results: Result[] }

/** Asks what a context gets in one or several environments, with every step. Nothing is changed by it, though it is a POST. */
export function useEvaluate({ org, project }: Scope) {
  return useMutation({
    mutationFn: ({ environments, ...body }: Question): Promise<Answer[]> =>
      Promise.all(
        environments.map(async (environment) => {
          const answer = await unwrap(
            client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/evaluate', {
              params: { path: { org, project, env: environment } },
              body: { ...body, trace: true },
            }),
          )
          return {
            environment,
            revision: answer.revision,
            results: answer.results.map((result) => ({ ...result, trace: result.trace as EvaluationTrace | null | undefined })),
          }
        }),
      ),
  })
}
