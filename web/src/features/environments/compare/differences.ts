import type { Rule } from '@/shared/api/types'
import { ruleTitle } from '@/shared/targeting/diff'
import { sentenceText, serveText } from '@/shared/targeting/sentence'
import type { Serve } from '@/shared/targeting/model'
import type { Messages } from '@/shared/i18n/messages'
import type { FlagAspect, FlagDifference, FlagSide } from '../api/promotion'

/** The parts of a flag's state, in the order in which they act. */
export const aspects: FlagAspect[] = ['variants', 'enabled', 'prerequisites', 'targets', 'rules', 'default', 'offVariant']

/** One line of a part on each side; a line that is on one side only, or differs, is marked. */
export type Line = { from: string | null; to: string | null; differs: boolean }

const shownKeys = 8

/** A part of a flag's state in words, one line for each rule, target or prerequisite. */
export function linesOf(side: FlagSide, aspect: FlagAspect, m: Messages): string[] {
  switch (aspect) {
    case 'enabled':
      return [side.enabled ? m.common.on : m.common.off]
    case 'prerequisites':
      return side.prerequisites.map(({ flag, variants }) => `${flag}: ${variants.join(', ')}`)
    case 'targets':
      return side.targets.map(({ variant, keys }) => {
        const shown = keys.slice(0, shownKeys).join(', ')
        return `${variant}: ${keys.length > shownKeys ? `${shown} ${m.targeting.andMore(keys.length - shownKeys)}` : shown}`
      })
    case 'rules':
      return (side.rules as Rule[]).map((rule, index) => `${ruleTitle(rule, index, m)}: ${sentenceText(rule.if, m)} → ${serveText(rule.then, m)}`)
    case 'default':
      return [serveText(side.default as Serve, m)]
    case 'variants':
      return side.variants.map(({ key, value }) => `${key}: ${JSON.stringify(value)}`)
    case 'offVariant':
      return [side.offVariant ?? m.compare.flagsOwn]
  }
}

/** The lines of a part side by side. Lines pair by place: the order of rules matters. */
export function pairLines({ from, to }: Pick<FlagDifference, 'from' | 'to'>, aspect: FlagAspect, m: Messages): Line[] {
  const left = linesOf(from, aspect, m)
  const right = to === null ? [] : linesOf(to, aspect, m)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const pair = { from: left[index] ?? null, to: right[index] ?? null }
    return { ...pair, differs: pair.from !== pair.to }
  })
}

/** The flags that a search and a chosen part leave. Every word of the search must be in the key or the name. */
export function filterDifferences(flags: FlagDifference[], search: string, aspect: FlagAspect | undefined): FlagDifference[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  return flags.filter(
    ({ flag, name, differences }) =>
      (aspect === undefined || differences.includes(aspect)) &&
      words.every((word) => flag.toLowerCase().includes(word) || name.toLowerCase().includes(word)),
  )
}

/** How many flags differ in each part. */
export function countAspects(flags: FlagDifference[]): Partial<Record<FlagAspect, number>> {
  const counts: Partial<Record<FlagAspect, number>> = {}
  for (const aspect of flags.flatMap(({ differences }) => differences)) {
    counts[aspect] = (counts[aspect] ?? 0) + 1
  }
  return counts
}
