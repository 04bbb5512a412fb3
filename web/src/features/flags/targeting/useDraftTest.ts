import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Configuration } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import type { Condition } from '@/shared/targeting/model'
import { outcomesOf, type Outcome } from '@/shared/targeting/traceOutcomes'
import { useTestContext, type TestContext } from '@/shared/targeting/useTestContext'
import { draftEvaluationQuery, type DraftAnswer } from './evaluateDraft'

export type DraftTest = TestContext & {
  answer: UseQueryResult<DraftAnswer | null>
  outcomes: Map<string, Outcome> | null
}

/** What somebody would get from a draft of a flag. */
export function useDraftTest(scope: Scope, environment: string, flag: string, draft: Configuration | null, open: boolean): DraftTest {
  const test = useTestContext(scope, draft === null ? [] : draft.rules.map((rule) => rule.if as Condition))
  // As text, because equal questions are one question.
  const [question] = useDebouncedValue(JSON.stringify({ draft, context: test.context }), 200)
  const settled = JSON.parse(question) as { draft: Configuration | null; context: EvaluationContext }
  const answer: UseQueryResult<DraftAnswer | null> = useQuery({
    ...draftEvaluationQuery(scope, environment, flag, settled.draft ?? nothing, settled.context),
    enabled: open && settled.draft !== null,
  })
  const trace = answer.data?.trace
  return { ...test, answer, outcomes: open && trace && draft !== null ? outcomesOf(trace, draft.rules.length, draft.prerequisites) : null }
}

const nothing: Configuration = { prerequisites: [], targets: [], rules: [], default: { off: true }, offVariant: null }
