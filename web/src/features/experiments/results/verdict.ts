import type { ExperimentState } from '../api'
import type { AnalysisResult } from './results'
import type { Texts } from './texts/en'

export type Verdict = { tone: 'ship' | 'rollBack' | 'keepRunning' | 'ended' | 'unhealthy'; title: string; reasons: string[] }

/** What is recommended, in words. An experiment that is over cannot be kept running. */
export function verdictOf({ decision, nextLookDay, days }: Pick<AnalysisResult, 'decision' | 'nextLookDay' | 'days'>, state: ExperimentState, control: string, r: Texts['r']): Verdict {
  const { state: what, variant, daysLeft } = decision
  const isOver = state === 'stopped' || state === 'decided' || state === 'archived'
  const reasons = decision.reasons
    .filter((code) => !isOver || code !== 'waitingForLook')
    .map((code) => (code === 'waitingForLook' && nextLookDay != null ? r.nextLook(nextLookDay, Math.max(0, Math.ceil(nextLookDay - days))) : ((r.reasons as Record<string, string>)[code] ?? code)))
  if (what === 'ship') {
    return { tone: 'ship', title: r.verdicts.ship(variant ?? ''), reasons }
  }
  if (what === 'rollBack') {
    return { tone: 'rollBack', title: r.verdicts.rollBack(control), reasons }
  }
  if (what === 'unhealthy') {
    return { tone: 'unhealthy', title: r.verdicts.unhealthy, reasons }
  }
  if (isOver) {
    return { tone: 'ended', title: r.verdicts.ended, reasons }
  }
  return { tone: 'keepRunning', title: daysLeft == null || daysLeft < 1 ? r.verdicts.keepRunning : r.verdicts.keepRunningDays(daysLeft), reasons }
}

/** A warning in words; of one that is not known its code, rather than nothing. */
export const warningText = (code: string, r: Texts['r']) => (r.warnings as Record<string, string>)[code] ?? code
