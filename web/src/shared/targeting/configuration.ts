import type { Configuration, FlagEnvironmentView, Rule } from '../api/types'
import { isComplete, newGroup, toCondition, toDraft, type GroupNode } from './draft'
import type { Serve } from './model'

/** A rule as the editor holds it. */
export type RuleDraft = { id: string; name: string; root: GroupNode; then: Serve }

/** A flag's configuration in one environment as the editor holds it. */
export type ConfigurationDraft = Omit<Configuration, 'rules'> & { rules: RuleDraft[] }

/** The part of a view that is edited, in the form in which it is saved. */
export function configurationOf(view: FlagEnvironmentView | Configuration): Configuration {
  return {
    prerequisites: (view.prerequisites ?? []).map(({ flag, variants }) => ({ flag, variants })),
    targets: (view.targets ?? []).map(({ variant, keys }) => ({ variant, keys })),
    // The document types a clause's value as anything; it is a scalar or a list of them.
    rules: ((view.rules ?? []) as Rule[]).map((rule) => ruleOf(rule)),
    default: view.default,
    offVariant: view.offVariant ?? null,
  }
}

function ruleOf({ id, name, if: condition, then }: Rule): Rule {
  return name ? { id, name, if: condition, then } : { id, if: condition, then }
}

export function toConfigurationDraft(configuration: Configuration): ConfigurationDraft {
  return {
    ...configuration,
    rules: configuration.rules.map(({ id, name, if: condition, then }) => ({
      id,
      name: name ?? '',
      root: toDraft(condition),
      then,
    })),
  }
}

/** The draft as the server takes it. `paths` receives where each node of the rules stands, as `/rules/0/if/and/1`. */
export function fromConfigurationDraft(draft: ConfigurationDraft, paths?: Map<string, string>): Configuration {
  return {
    prerequisites: draft.prerequisites,
    targets: draft.targets.filter(({ keys }) => keys.length > 0),
    rules: draft.rules.map(({ id, name, root, then }, index) =>
      ruleOf({ id, name: name.trim(), if: toCondition(root, paths, `/rules/${index}/if`), then }),
    ),
    default: draft.default,
    offVariant: draft.offVariant,
  }
}

/** A new rule's id: short, and unlike any other. */
export function newRuleId(): string {
  return crypto.randomUUID().slice(0, 13)
}

export function newRule(then: Serve): RuleDraft {
  return { id: newRuleId(), name: '', root: newGroup(), then }
}

/** Whether every rule says whom it is for far enough to be saved. */
export function isConfigurationComplete(draft: ConfigurationDraft): boolean {
  return draft.rules.every(({ root }) => isComplete(root)) && draft.prerequisites.every(({ flag, variants }) => flag !== '' && variants.length > 0)
}
