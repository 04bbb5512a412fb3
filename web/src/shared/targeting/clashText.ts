import type { Configuration, Rule } from '../api/types'
import type { Messages } from '../i18n/messages'
import { ruleTitle } from './diff'
import type { Clash } from './rebase'
import { sentenceText, serveText } from './sentence'

/** A clash in words: what it is about, and what it was, what they made of it, what I made of it. */
export type ClashText = { what: string; before: string; theirs: string; mine: string }

const shownKeys = 5

export function clashText(clash: Clash, base: Configuration, mine: Configuration, theirs: Configuration, m: Messages): ClashText {
  const each = (what: string, text: (configuration: Configuration) => string): ClashText => ({
    what,
    before: text(base),
    theirs: text(theirs),
    mine: text(mine),
  })
  switch (clash.part) {
    case 'default':
      return each(m.targeting.defaultRule, (configuration) => serveText(configuration.default, m))
    case 'offVariant':
      return each(m.targeting.offVariant, (configuration) => configuration.offVariant ?? m.targeting.offAsFlag)
    case 'order':
      return each(m.merge.order, (configuration) => configuration.rules.map(({ name }, index) => name || m.targeting.rule(index + 1)).join(' → '))
    case 'prerequisite':
      return each(m.targeting.prerequisite(clash.flag), ({ prerequisites }) =>
        prerequisites.find(({ flag }) => flag === clash.flag)?.variants.join(', ') ?? m.merge.nothing,
      )
    case 'targets': {
      const shown = clash.keys.slice(0, shownKeys).join(', ')
      const names = clash.keys.length > shownKeys ? `${shown} ${m.targeting.andMore(clash.keys.length - shownKeys)}` : shown
      return each(`${m.targeting.individuals}: ${names}`, ({ targets }) => variantsOf(clash.keys, targets) || m.merge.nothing)
    }
    case 'rule': {
      const find = ({ rules }: Configuration) => rules.find(({ id }) => id === clash.id)
      const owner = [theirs, mine, base].find((configuration) => find(configuration) !== undefined) ?? base
      const title = ruleTitle(find(owner) ?? {}, owner.rules.findIndex(({ id }) => id === clash.id), m)
      const field = clash.field === 'whole' ? title : `${title}, ${m.merge.fields[clash.field]}`
      return each(field, (configuration) => {
        const rule = find(configuration)
        return rule === undefined ? m.merge.removed : ruleField(rule, clash.field, m)
      })
    }
  }
}

function variantsOf(keys: string[], targets: Configuration['targets']): string {
  const wanted = new Set(keys)
  return targets.filter((target) => target.keys.some((key) => wanted.has(key))).map(({ variant }) => variant).join(', ')
}

function ruleField(rule: Rule, field: 'name' | 'if' | 'then' | 'whole', m: Messages): string {
  switch (field) {
    case 'name':
      return rule.name || '–'
    case 'if':
      return sentenceText(rule.if, m)
    case 'then':
      return serveText(rule.then, m)
    case 'whole':
      return `${sentenceText(rule.if, m)} → ${serveText(rule.then, m)}`
  }
}
