import type { Configuration, Rule } from '../api/types'
import type { Messages } from '../i18n/messages'
import { same } from './same'
import { sentenceText, serveText } from './sentence'

/** One difference between two configurations, in words. */
export type Change = {
  kind: 'added' | 'removed' | 'changed' | 'moved'
  what: string
  before?: string
  after?: string
}

export function ruleTitle(rule: { name?: string }, index: number, m: Messages): string {
  return rule.name ? m.targeting.ruleNamed(index + 1, rule.name) : m.targeting.rule(index + 1)
}

const ruleText = (rule: Rule, m: Messages) => `${sentenceText(rule.if, m)} → ${serveText(rule.then, m)}`

/** What changes between two configurations of a flag, in the order of the editor. */
export function diffConfigurations(before: Configuration, after: Configuration, m: Messages): Change[] {
  return [
    ...diffPrerequisites(before, after, m),
    ...diffTargets(before, after, m),
    ...diffRules(before.rules, after.rules, m),
    ...diffServes(before, after, m),
  ]
}

function diffPrerequisites(before: Configuration, after: Configuration, m: Messages): Change[] {
  const changes: Change[] = []
  const old = new Map(before.prerequisites.map((item) => [item.flag, item.variants.join(', ')]))
  for (const { flag, variants } of after.prerequisites) {
    const text = variants.join(', ')
    const previous = old.get(flag)
    old.delete(flag)
    if (previous === undefined) {
      changes.push({ kind: 'added', what: m.targeting.prerequisite(flag), after: text })
    } else if (previous !== text) {
      changes.push({ kind: 'changed', what: m.targeting.prerequisite(flag), before: previous, after: text })
    }
  }
  for (const [flag, text] of old) {
    changes.push({ kind: 'removed', what: m.targeting.prerequisite(flag), before: text })
  }
  return changes
}

function diffTargets(before: Configuration, after: Configuration, m: Messages): Change[] {
  const variants = new Set([...before.targets, ...after.targets].map(({ variant }) => variant))
  const keysOf = (configuration: Configuration, variant: string) =>
    new Set(configuration.targets.filter((target) => target.variant === variant).flatMap(({ keys }) => keys))
  return [...variants].flatMap((variant): Change[] => {
    const old = keysOf(before, variant)
    const now = keysOf(after, variant)
    const gone = [...old].filter((key) => !now.has(key))
    const come = [...now].filter((key) => !old.has(key))
    const list = (keys: string[]) =>
      keys.length > 5 ? `${keys.slice(0, 5).join(', ')} ${m.targeting.andMore(keys.length - 5)}` : keys.join(', ')
    const what = m.targeting.targetsOf(variant)
    if (gone.length > 0 && come.length > 0) {
      return [{ kind: 'changed', what, before: list(gone), after: list(come) }]
    }
    if (gone.length > 0) {
      return [{ kind: 'removed', what, before: list(gone) }]
    }
    return come.length > 0 ? [{ kind: 'added', what, after: list(come) }] : []
  })
}

function diffRules(before: Rule[], after: Rule[], m: Messages): Change[] {
  const changes: Change[] = []
  const old = new Map(before.map((rule, index) => [rule.id, { rule, index }]))
  after.forEach((rule, index) => {
    const previous = old.get(rule.id)
    if (previous === undefined) {
      changes.push({ kind: 'added', what: ruleTitle(rule, index, m), after: ruleText(rule, m) })
      return
    }
    if ((previous.rule.name ?? '') !== (rule.name ?? '')) {
      changes.push({
        kind: 'changed',
        what: m.targeting.nameOf(index + 1),
        before: previous.rule.name || '–',
        after: rule.name || '–',
      })
    }
    if (!same(previous.rule.if, rule.if) || !same(previous.rule.then, rule.then)) {
      changes.push({
        kind: 'changed',
        what: ruleTitle(rule, index, m),
        before: ruleText(previous.rule, m),
        after: ruleText(rule, m),
      })
    }
  })
  const kept = after.filter(({ id }) => old.has(id))
  const order = before.filter(({ id }) => after.some((rule) => rule.id === id))
  for (const rule of movedRules(order, kept)) {
    const from = before.findIndex(({ id }) => id === rule.id) + 1
    const to = after.findIndex(({ id }) => id === rule.id) + 1
    changes.push({ kind: 'moved', what: ruleTitle(rule, to - 1, m), before: String(from), after: String(to) })
  }
  before.forEach((rule, index) => {
    if (!after.some(({ id }) => id === rule.id)) {
      changes.push({ kind: 'removed', what: ruleTitle(rule, index, m), before: ruleText(rule, m) })
    }
  })
  return changes
}

/** The rules that must have been moved: all that are not in a longest run that kept its order. */
function movedRules(before: Rule[], after: Rule[]): Rule[] {
  const position = new Map(before.map(({ id }, index) => [id, index]))
  const numbers = after.map(({ id }) => position.get(id) ?? 0)
  const length = numbers.map(() => 1)
  const previous = numbers.map(() => -1)
  numbers.forEach((number, end) => {
    for (let start = 0; start < end; start++) {
      if ((numbers[start] ?? 0) < number && (length[start] ?? 0) + 1 > (length[end] ?? 0)) {
        length[end] = (length[start] ?? 0) + 1
        previous[end] = start
      }
    }
  })
  const kept = new Set<number>()
  for (let index = length.indexOf(Math.max(...length)); index >= 0; index = previous[index] ?? -1) {
    kept.add(index)
  }
  return after.filter((_, index) => !kept.has(index))
}

function diffServes(before: Configuration, after: Configuration, m: Messages): Change[] {
  const changes: Change[] = []
  if (!same(before.default, after.default)) {
    changes.push({
      kind: 'changed',
      what: m.targeting.defaultRule,
      before: serveText(before.default, m),
      after: serveText(after.default, m),
    })
  }
  if (before.offVariant !== after.offVariant) {
    changes.push({
      kind: 'changed',
      what: m.targeting.offVariant,
      before: before.offVariant ?? m.targeting.offAsFlag,
      after: after.offVariant ?? m.targeting.offAsFlag,
    })
  }
  return changes
}
