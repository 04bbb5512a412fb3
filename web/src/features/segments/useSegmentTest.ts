import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import type { Condition } from '@/shared/targeting/model'
import type { ConditionTrace } from '@/shared/targeting/trace'
import { conditionOutcomes } from '@/shared/targeting/traceOutcomes'
import { useTestContext } from '@/shared/targeting/useTestContext'

const segmentTestQuery = ({ org, project }: Scope, env: string, segment: string, condition: Condition | null, context: EvaluationContext) =>
  queryOptions({
    queryKey: ['segmentTest', org, project, env, segment, condition, context],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/environments/{env}/evaluate-segment', {
          params: { path: { org, project, env } },
          body: { segment, context, if: condition as components['schemas']['Condition'] | null },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 10_000,
  })

/** Whether somebody would be in a segment with the condition as it is being edited. */
export function useSegmentTest(scope: Scope, environment: string | undefined, segment: string, condition: Condition | null, open: boolean) {
  const test = useTestContext(scope, condition === null ? [] : [condition])
  // As text, because equal questions are one question.
  const [question] = useDebouncedValue(JSON.stringify({ condition, context: test.context }), 200)
  const settled = JSON.parse(question) as { condition: Condition | null; context: EvaluationContext }
  const answer = useQuery({ ...segmentTestQuery(scope, environment ?? '', segment, settled.condition, settled.context), enabled: open && environment !== undefined })
  const trace = answer.data?.trace as ConditionTrace | null | undefined
  return { ...test, answer, outcomes: open && trace ? conditionOutcomes(trace) : null }
}
