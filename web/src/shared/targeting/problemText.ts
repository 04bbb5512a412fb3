import type { TargetingFix, TargetingProblem } from '../api/types'
import type { AnalysisTexts } from './texts/en'

type Texts = Record<string, ((values: Record<string, string>) => string) | undefined>

/** What a problem says in the reader's language; the server's own words where there are no others. */
export function problemText(problem: TargetingProblem, texts: AnalysisTexts): string {
  const say = (texts.problems as Texts)[problem.code]
  return say === undefined ? problem.message : say(problem.values)
}

/** What a fix does, in the reader's language. */
export function fixText(fix: TargetingFix, problem: TargetingProblem, texts: AnalysisTexts): string {
  const say = (texts.fixes as Texts)[fix.kind]
  return say === undefined ? fix.label : say(problem.values)
}
