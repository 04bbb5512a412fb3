/** What the analysis of targeting says, and what its fixes do. A code without a text here is said in the server's own words. */
export const en = {
  applied: 'Done in the draft. Save it to make it so.',
  notApplied: 'The draft has changed since; look again.',
  problems: {
    contradiction: (v: Values) => `${v.second} cannot hold together with ${v.first}.`,
    contradiction_unless_list: (v: Values) =>
      `${v.second} cannot hold together with ${v.first}, unless the attribute has several values at once. If it never has, add it to the catalogue with its type.`,
    never_holds: (v: Values) => `This never holds: ${v.condition}.`,
    always_holds: (v: Values) => `This always holds, whatever the context: ${v.condition}.`,
    redundant_condition: (v: Values) => `${v.condition} adds nothing: ${v.because} says it already.`,
    empty_list: (v: Values) => `The list of '${v.operator}' on '${v.attribute}' is empty.`,
    unknown_attribute: (v: Values) => `The attribute '${v.attribute}' is not in the catalogue.${v.suggestion ? ` Is it '${v.suggestion}'?` : ''}`,
    attribute_type: (v: Values) => `${v.condition} does not suit the attribute '${v.attribute}': the catalogue says ${v.type}.`,
    unreachable_rule: (v: Values) =>
      v.by ? `Rule ${v.rule} is never reached: rule ${v.by} always holds.` : `The condition of rule ${v.rule} never holds.`,
    shadowed_rule: (v: Values) =>
      `Rule ${v.rule} never decides: whenever it holds, rule ${v.by} holds before it${v.condition ? ` (${v.condition})` : ''}.`,
    reached_without_unit_only: (v: Values) =>
      `Rule ${v.rule} decides only for contexts without '${v.attribute}': all others are in the split of rule ${v.by}.`,
    default_unreachable: (v: Values) => `Nobody gets the default: everybody is decided by rule ${v.rules}.`,
    duplicate_variation: (v: Values) => `The variation '${v.variant}' is there twice; their weights add up.`,
    zero_weight: (v: Values) => `Nobody gets '${v.variant}': its weight is ${v.weight} of ${v.sum}.`,
    degenerate_weights: (v: Values) => `Only '${v.variant}' has a weight: this is a fixed variant with detours.`,
    weights_sum: (v: Values) => `The weights add up to ${v.sum}, not to ${v.whole}: ${v.shares}.`,
    no_off_variant: () => 'The flag has no off variant: callers get their own default.',
    duplicate_target_key: (v: Values) => `The key '${v.key}' is in the lists twice; the first one counts.`,
    empty_key: () => 'An empty key never matches.',
    unused_variant: (v: Values) => `The variant '${v.variant}' is never served.`,
    never_satisfied: (v: Values) => `No variant of '${v.flag}' will do.`,
    prerequisite_never_met: (v: Values) =>
      ({
        off: `'${v.flag}' is off and serves '${v.serves}', never '${v.wanted}'`,
        killed: `'${v.flag}' is killed and serves '${v.serves}', never '${v.wanted}'`,
        blocked: `'${v.flag}' needs what it never gets and serves '${v.serves}', never '${v.wanted}'`,
        opposed: `'${v.flag}' cannot serve '${v.wanted}' and '${v.serves}' at once`,
      })[v.why ?? ''] ?? `'${v.flag}' serves only '${v.serves}', never '${v.wanted}'`,
    prerequisite_always_met: (v: Values) => `'${v.flag}' serves '${v.serves}' to everybody: this prerequisite is always met.`,
    private_attribute: (v: Values) =>
      `Clients see this flag, and ${v.segment ? `the segment '${v.segment}'` : 'this'} looks at '${v.attribute}', which is private: browsers and devices would have to send it.`,
    empty_segment: (v: Values) => `Nobody is in the segment '${v.segment}'.`,
    unused_segment: (v: Values) => `No flag and no other segment uses the segment '${v.segment}'.`,
    analysis_incomplete: (v: Values) =>
      `There is too much here to compare everything: ${v.questions} questions were left open. What is reported holds, but there may be more.`,
  },
  fixes: {
    remove_rule: (v: Values) => `Remove rule ${v.rule}`,
    move_rule: (v: Values) => `Move rule ${v.rule} before rule ${v.first}`,
    remove_condition: (v: Values) => `Remove ${v.condition}`,
    remove_second: (v: Values) => `Remove ${v.second}`,
    remove_first: (v: Values) => `Remove ${v.first}`,
    replace_by_everybody: () => 'Say that it is for everybody',
    replace_by_exists: (v: Values) => `Ask whether '${v.attribute}' exists`,
    replace_attribute: (v: Values) => `Use '${v.suggestion}'`,
    remove_prerequisite: (v: Values) => `Do without '${v.flag}'`,
    remove_variation: (v: Values) => `Remove '${v.variant}' from the split`,
    serve_variant: (v: Values) => `Serve '${v.variant}'`,
    remove_key: () => 'Remove it here',
  },
}

export type AnalysisTexts = typeof en

type Values = Record<string, string>
