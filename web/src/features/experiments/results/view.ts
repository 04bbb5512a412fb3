import type { AnalysisResult } from './results'

/**
 * A result as it is looked at. Seen by the other method it has numbers of the same data that nobody planned to decide by; recommendation, health and guardrails are never looked at so.
 */
export type Viewed = AnalysisResult & { isOther: boolean }

/** The result by the planned method, or by the other one where there is one. */
export function viewOf(result: AnalysisResult, other: boolean): Viewed {
  const method = result.otherMethod
  return other && method != null ? { ...result, method, isOther: true } : { ...result, isOther: false }
}
