import type { Messages } from '../i18n/messages'
import type { Condition, Scalar, Serve } from './model'
import { toShares } from './weights'

/** A piece of a sentence about a condition, so that a page can colour it. */
export type Token = {
  kind: 'word' | 'attribute' | 'operator' | 'value' | 'segment' | 'bracket'
  text: string
  /** Where the condition that begins here stands, as `/and/0/not`; only at the first piece of one that has no parts. */
  path?: string
}

const shownValues = 5

const word = (text: string): Token => ({ kind: 'word', text })

/** A condition as a sentence: `country is one of US, DE and (plan is pro or in segment beta)`. */
export function sentence(condition: Condition, m: Messages): Token[] {
  return say(condition, m, false, '')
}

export function sentenceText(condition: Condition, m: Messages): string {
  return sentence(condition, m)
    .map(({ text }) => text)
    .join(' ')
    .replace(/\( /g, '(')
    .replace(/ \)/g, ')')
}

function say(condition: Condition, m: Messages, nested: boolean, path: string): Token[] {
  if ('and' in condition || 'or' in condition) {
    const items = 'and' in condition ? condition.and : condition.or
    const joiner = 'and' in condition ? m.targeting.and : m.targeting.or
    if (items.length === 0) {
      return [word('and' in condition ? m.targeting.everybody : m.targeting.nobody)]
    }
    const inner = items.flatMap((item, index) => [
      ...(index === 0 ? [] : [word(joiner)]),
      ...say(item, m, items.length > 1, `${path}/${'and' in condition ? 'and' : 'or'}/${index}`),
    ])
    return nested && items.length > 1
      ? [{ kind: 'bracket', text: '(' }, ...inner, { kind: 'bracket', text: ')' }]
      : inner
  }
  if ('not' in condition) {
    return [word(m.targeting.not), ...say(condition.not, m, true, `${path}/not`)]
  }
  if ('segment' in condition) {
    return [{ ...word(m.targeting.inSegment), path }, { kind: 'segment', text: condition.segment || '…' }]
  }
  if ('percentage' in condition) {
    return [
      { ...word(m.targeting.amongPercent), path },
      { kind: 'value', text: `${condition.percentage} %` },
      ...(condition.bucketBy ? [word(m.targeting.by), { kind: 'attribute', text: condition.bucketBy } as const] : []),
    ]
  }
  const operator = m.operators[condition.operator as keyof Messages['operators']] ?? condition.operator
  return [
    { kind: 'attribute', text: condition.attribute || '…', path },
    { kind: 'operator', text: operator },
    ...(condition.value === undefined ? [] : [{ kind: 'value', text: valueText(condition.value, m) } as const]),
  ]
}

export function valueText(value: Scalar | Scalar[], m: Messages): string {
  if (!Array.isArray(value)) {
    return value === '' ? '""' : String(value)
  }
  const shown = value.slice(0, shownValues).map(String).join(', ')
  return value.length > shownValues ? `${shown} ${m.targeting.andMore(value.length - shownValues)}` : shown || '…'
}

const percent = (share: number) => `${Number((share / 100).toFixed(2))} %`

/** What somebody gets, in words: `treatment`, or `50 % control, 50 % treatment`. */
export function serveText(serve: Serve, m: Messages): string {
  if ('variant' in serve) {
    return serve.variant
  }
  if ('off' in serve) {
    return m.targeting.servesOff
  }
  if ('experiment' in serve) {
    return m.targeting.experiment(serve.experiment)
  }
  const shares = toShares(serve.rollout.variations)
  const parts = serve.rollout.variations.map(({ key }, index) => `${percent(shares[index] ?? 0)} ${key}`).join(', ')
  return serve.rollout.bucketBy ? `${parts} ${m.targeting.by} ${serve.rollout.bucketBy}` : parts
}
