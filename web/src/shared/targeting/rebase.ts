import type { Configuration, Rule } from '../api/types'
import { same } from './same'

/** Where both sides changed the same thing differently. */
export type Clash =
  | { part: 'prerequisites' | 'targets' | 'default' | 'offVariant' | 'order' }
  | { part: 'rule'; id: string }

/**
 * Puts the changes from `base` to `mine` on top of `theirs`, part by part and rule by rule. Where both changed the same,
 * mine wins and the clash is told.
 */
export function rebase(
  base: Configuration,
  mine: Configuration,
  theirs: Configuration,
): { merged: Configuration; clashes: Clash[] } {
  const clashes: Clash[] = []
  const pick = <T>(ancestor: T, own: T, other: T, clash: Clash): T => {
    if (same(own, ancestor)) {
      return other
    }
    if (!same(other, ancestor) && !same(other, own)) {
      clashes.push(clash)
    }
    return own
  }

  const merged: Configuration = {
    prerequisites: pick(base.prerequisites, mine.prerequisites, theirs.prerequisites, { part: 'prerequisites' }),
    targets: pick(base.targets, mine.targets, theirs.targets, { part: 'targets' }),
    rules: mergeRules(base.rules, mine.rules, theirs.rules, clashes),
    default: pick(base.default, mine.default, theirs.default, { part: 'default' }),
    offVariant: pick(base.offVariant, mine.offVariant, theirs.offVariant, { part: 'offVariant' }),
  }
  return { merged, clashes }
}

function mergeRules(base: Rule[], mine: Rule[], theirs: Rule[], clashes: Clash[]): Rule[] {
  const find = (rules: Rule[], id: string) => rules.find((rule) => rule.id === id)
  const order = (rules: Rule[], among: Set<string>) => rules.map(({ id }) => id).filter((id) => among.has(id))

  const result = new Map<string, Rule>()
  for (const id of new Set([...mine, ...theirs].map((rule) => rule.id))) {
    const ancestor = find(base, id)
    const own = find(mine, id)
    const other = find(theirs, id)
    const chosen = same(own, ancestor) ? other : own
    if (!same(own, ancestor) && !same(other, ancestor) && !same(own, other)) {
      clashes.push({ part: 'rule', id })
    }
    if (chosen !== undefined) {
      result.set(id, chosen)
    }
  }

  const common = new Set(base.map(({ id }) => id).filter((id) => find(mine, id) && find(theirs, id)))
  const iMoved = !same(order(base, common), order(mine, common))
  const theyMoved = !same(order(base, common), order(theirs, common))
  if (iMoved && theyMoved && !same(order(mine, common), order(theirs, common))) {
    clashes.push({ part: 'order' })
  }
  const [leading, following] = iMoved ? [mine, theirs] : [theirs, mine]

  // The leading side gives the order; what only the other side has goes behind the rule that it follows there,
  // else before the one that follows it.
  const ids = leading.map(({ id }) => id).filter((id) => result.has(id))
  following.forEach(({ id }, index) => {
    if (result.has(id) && !ids.includes(id)) {
      const before = following.slice(0, index).findLast((rule) => ids.includes(rule.id))
      const after = following.slice(index + 1).find((rule) => ids.includes(rule.id))
      const place = before !== undefined ? ids.indexOf(before.id) + 1 : after !== undefined ? ids.indexOf(after.id) : ids.length
      ids.splice(place, 0, id)
    }
  })
  return ids.map((id) => result.get(id)).filter((rule) => rule !== undefined)
}
