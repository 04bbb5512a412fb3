import type { Configuration, Prerequisite, Rule, Target } from '../api/types'
import { same } from './same'

/** Where both sides changed the same thing differently. */
export type Clash =
  | { part: 'default' | 'offVariant' | 'order' }
  | { part: 'prerequisite'; flag: string }
  | { part: 'targets'; keys: string[] }
  /** One part of a rule, or the whole rule where one side removed it. */
  | { part: 'rule'; id: string; field: 'name' | 'if' | 'then' | 'whole' }

export type Side = 'mine' | 'theirs'

/** Names a clash, so that it can be decided. */
export function clashId(clash: Clash): string {
  switch (clash.part) {
    case 'rule':
      return `rule ${clash.field} ${clash.id}`
    case 'prerequisite':
      return `prerequisite ${clash.flag}`
    default:
      return clash.part
  }
}

/**
 * Puts the changes from `base` to `mine` on top of `theirs`: rule by rule and field by field, key by key for individuals.
 * What only one side changed is taken from that side. Where both changed the same differently, the clash is told and
 * `decide` says whose holds (mine, unless it says otherwise).
 */
export function rebase(
  base: Configuration,
  mine: Configuration,
  theirs: Configuration,
  decide: (id: string) => Side = () => 'mine',
): { merged: Configuration; clashes: Clash[] } {
  const clashes: Clash[] = []
  const pick: Pick = (ancestor, own, other, clash) => {
    if (same(own, ancestor) || same(own, other)) {
      return other
    }
    if (same(other, ancestor)) {
      return own
    }
    clashes.push(clash)
    return decide(clashId(clash)) === 'mine' ? own : other
  }
  const merged: Configuration = {
    prerequisites: mergePrerequisites(base.prerequisites, mine.prerequisites, theirs.prerequisites, pick),
    targets: mergeTargets(base.targets, mine.targets, theirs.targets, clashes, decide),
    rules: mergeRules(base.rules, mine.rules, theirs.rules, pick),
    default: pick(base.default, mine.default, theirs.default, { part: 'default' }),
    offVariant: pick(base.offVariant, mine.offVariant, theirs.offVariant, { part: 'offVariant' }),
  }
  return { merged, clashes }
}

type Pick = <T>(ancestor: T, own: T, other: T, clash: Clash) => T

function mergePrerequisites(base: Prerequisite[], mine: Prerequisite[], theirs: Prerequisite[], pick: Pick): Prerequisite[] {
  const find = (list: Prerequisite[], flag: string) => list.find((item) => item.flag === flag)
  return [...new Set([...theirs, ...mine].map(({ flag }) => flag))]
    .map((flag) => pick(find(base, flag), find(mine, flag), find(theirs, flag), { part: 'prerequisite', flag }))
    .filter((item) => item !== undefined)
}

/** Which variant each key gets; a key that stands in two lists counts where it stands first, as in evaluation. */
function variantsByKey(targets: Target[]): Map<string, string> {
  const result = new Map<string, string>()
  for (const { variant, keys } of targets) {
    for (const key of keys) {
      if (!result.has(key)) {
        result.set(key, variant)
      }
    }
  }
  return result
}

function mergeTargets(base: Target[], mine: Target[], theirs: Target[], clashes: Clash[], decide: (id: string) => Side): Target[] {
  const ancestor = variantsByKey(base)
  const own = variantsByKey(mine)
  const other = variantsByKey(theirs)
  const colliding: string[] = []
  const merged = new Map<string, string[]>([...theirs, ...mine].map(({ variant }) => [variant, []]))
  const side = decide(clashId({ part: 'targets', keys: [] }))
  for (const key of new Set([...other.keys(), ...own.keys()])) {
    const [before, my, their] = [ancestor.get(key), own.get(key), other.get(key)]
    const collides = my !== before && their !== before && my !== their
    if (collides) {
      colliding.push(key)
    }
    const chosen = collides ? (side === 'mine' ? my : their) : my === before ? their : my
    if (chosen !== undefined) {
      merged.get(chosen)?.push(key)
    }
  }
  // A key that both know, but one side only moved or removed, is above; one that both removed is in neither.
  if (colliding.length > 0) {
    clashes.push({ part: 'targets', keys: colliding })
  }
  return [...merged].filter(([, keys]) => keys.length > 0).map(([variant, keys]) => ({ variant, keys }))
}

function mergeRule(ancestor: Rule | undefined, own: Rule | undefined, other: Rule | undefined, id: string, pick: Pick): Rule | undefined {
  if (ancestor === undefined || own === undefined || other === undefined) {
    return pick(ancestor, own, other, { part: 'rule', id, field: 'whole' })
  }
  const name = pick(ancestor.name ?? '', own.name ?? '', other.name ?? '', { part: 'rule', id, field: 'name' })
  const condition = pick(ancestor.if, own.if, other.if, { part: 'rule', id, field: 'if' })
  const then = pick(ancestor.then, own.then, other.then, { part: 'rule', id, field: 'then' })
  return name === '' ? { id, if: condition, then } : { id, name, if: condition, then }
}

function mergeRules(base: Rule[], mine: Rule[], theirs: Rule[], pick: Pick): Rule[] {
  const find = (rules: Rule[], id: string) => rules.find((rule) => rule.id === id)
  const order = (rules: Rule[], among: Set<string>) => rules.map(({ id }) => id).filter((id) => among.has(id))

  const result = new Map<string, Rule>()
  for (const id of new Set([...mine, ...theirs].map((rule) => rule.id))) {
    const chosen = mergeRule(find(base, id), find(mine, id), find(theirs, id), id, pick)
    if (chosen !== undefined) {
      result.set(id, chosen)
    }
  }

  const common = new Set(base.map(({ id }) => id).filter((id) => find(mine, id) && find(theirs, id)))
  const before = order(base, common)
  const leadingOrder = pick(before, order(mine, common), order(theirs, common), { part: 'order' })
  const [leading, following] =
    !same(leadingOrder, before) && same(leadingOrder, order(mine, common)) ? [mine, theirs] : [theirs, mine]

  // The leading side gives the order; what only the other side has goes behind the rule that it follows there,
  // else before the one that follows it.
  const ids = leading.map(({ id }) => id).filter((id) => result.has(id))
  following.forEach(({ id }, index) => {
    if (result.has(id) && !ids.includes(id)) {
      const previous = following.slice(0, index).findLast((rule) => ids.includes(rule.id))
      const next = following.slice(index + 1).find((rule) => ids.includes(rule.id))
      const place = previous !== undefined ? ids.indexOf(previous.id) + 1 : next !== undefined ? ids.indexOf(next.id) : ids.length
      ids.splice(place, 0, id)
    }
  })
  return ids.map((id) => result.get(id)).filter((rule) => rule !== undefined)
}
