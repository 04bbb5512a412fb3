import type { ExperimentView } from '../api'

/** A share as people read it. */
export const percentText = (percent: number, language: string) => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(percent / 100)

/** Days, begun ones too, that an experiment runs or ran; null before it is started. */
export function daysRunning({ startedAt, stoppedAt }: Pick<ExperimentView, 'startedAt' | 'stoppedAt'>, now: number): number | null {
  if (startedAt === null) {
    return null
  }
  const end = stoppedAt === null ? now : Date.parse(stoppedAt)
  return Math.max(1, Math.ceil((end - Date.parse(startedAt)) / 86_400_000))
}

export type Split = { outsideLayer: number; heldOut: number; outsideTraffic: number; variants: { key: string; share: number }[] }

/** How the audience falls apart, in hundredths of a percent of all of it: each stage takes from what the ones before left. */
export function splitOf(design: { layer: { from: number; to: number } | null; holdout: number; traffic: number; variations: { key: string; weight: number }[] }): Split {
  const inside = design.layer === null ? 10_000 : Math.max(0, design.layer.to - design.layer.from) * 100
  const heldOut = (inside * design.holdout) / 100
  const left = inside - heldOut
  const assigned = (left * design.traffic) / 100
  const whole = design.variations.reduce((sum, { weight }) => sum + weight, 0)
  return {
    outsideLayer: 10_000 - inside,
    heldOut,
    outsideTraffic: left - assigned,
    variants: design.variations.map(({ key, weight }) => ({ key, share: whole === 0 ? 0 : (assigned * weight) / whole })),
  }
}

/** The days of looks as they are typed; null for what is none. */
export function parseDays(text: string): number[] | null {
  const days = text.split(/[\s,;]+/).filter((part) => part !== '').map(Number)
  return days.every((day, i) => Number.isInteger(day) && day >= 1 && day <= 365 && (i === 0 || day > (days[i - 1] ?? 0))) ? days : null
}
