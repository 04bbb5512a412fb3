import { useMutation } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationTrace } from '@/shared/targeting/trace'

export type Question = {
  environment: string
  context: Record<string, unknown>
  flags: string[] | null
  at: string | null
}

/** Asks what a context gets, with every step. Nothing is changed by it, though it is a POST. */
export function useEvaluate({ org, project }: Scope) {
  return useMutation({
    mutationFn: async ({ environment, context, flags, at }: Question) => {
      const answer = await unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/evaluate', {
          params: { path: { org, project, env: environment } },
          body: { context, flags, at, trace: true },
        }),
      )
      return { ...answer, results: answer.results.map((result) => ({ ...result, trace: result.trace as EvaluationTrace | null | undefined })) }
    },
  })
}
