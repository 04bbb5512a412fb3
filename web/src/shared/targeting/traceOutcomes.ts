import type { Condition } from './model'
import type { ConditionTrace, EvaluationTrace } from './trace'

/** What became of a part of the rules for a tested context. */
export type Outcome = 'holds' | 'fails' | 'decided' | 'unreached'

/**
 * The outcomes by place, in the pointers of the editor: `/rules/0` for a rule, `/rules/0/if/and/1` for a condition,
 * `/targets`, `/default` and `/prerequisites/0`.
 */
export function outcomesOf(trace: EvaluationTrace, ruleCount: number, prerequisites: { flag: string }[]): Map<string, Outcome> {
  const result = new Map<string, Outcome>()
  for (let index = 0; index < ruleCount; index++) {
    result.set(`/rules/${index}`, 'unreached')
  }
  result.set('/targets', trace.targets?.matched ? 'decided' : trace.targets ? 'fails' : 'unreached')
  for (const item of trace.prerequisites) {
    const index = prerequisites.findIndex(({ flag }) => flag === item.flag)
    result.set(`/prerequisites/${index}`, item.satisfied ? 'holds' : 'decided')
  }
  for (const rule of trace.rules) {
    const path = `/rules/${rule.index}`
    result.set(path, rule.matched ? 'decided' : 'fails')
    follow(rule.condition, `${path}/if`, result)
  }
  result.set('/default', trace.decidedBy === 'default' ? 'decided' : 'unreached')
  return result
}

/** The outcomes of one condition, from `/if` on. */
export function conditionOutcomes(trace: ConditionTrace): Map<string, Outcome> {
  const result = new Map<string, Outcome>()
  follow(trace, '/if', result)
  return result
}

function follow(trace: ConditionTrace, path: string, result: Map<string, Outcome>) {
  result.set(path, trace.holds ? 'holds' : 'fails')
  const parts = trace.parts ?? []
  if (trace.kind === 'and' || trace.kind === 'or') {
    parts.forEach((part, index) => follow(part, `${path}/${trace.kind}/${index}`, result))
  } else if (trace.kind === 'not' && parts[0] !== undefined) {
    follow(parts[0], `${path}/not`, result)
  }
}

/** The names of the attributes that conditions ask for, in the order of their first use. */
export function attributesIn(conditions: Condition[]): string[] {
  const names = new Set<string>()
  const visit = (condition: Condition): void => {
    if ('and' in condition) {
      condition.and.forEach(visit)
    } else if ('or' in condition) {
      condition.or.forEach(visit)
    } else if ('not' in condition) {
      visit(condition.not)
    } else if ('percentage' in condition) {
      if (condition.bucketBy) {
        names.add(condition.bucketBy)
      }
    } else if ('attribute' in condition) {
      names.add(condition.attribute)
    }
  }
  conditions.forEach(visit)
  names.delete('')
  names.delete('targetingKey')
  return [...names]
}
