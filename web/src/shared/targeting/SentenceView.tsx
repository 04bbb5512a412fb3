import { useMessages } from '../i18n/messages'
import { variantColor } from '../components/variantColor'
import type { Variant } from '../api/types'
import type { Condition, Serve } from './model'
import { OutcomeMark, useOutcomes } from './outcomes'
import { RolloutBar } from './RolloutBar'
import { SegmentCard } from './SegmentCard'
import classes from './SentenceView.module.css'
import { sentence, serveText, type Token } from './sentence'
import type { Outcome } from './traceOutcomes'
import { toShares } from './weights'

/** A condition as a coloured sentence. */
export function Sentence({ condition, path = '' }: { condition: Condition; path?: string }) {
  const m = useMessages()
  return <Tokens tokens={sentence(condition, m)} path={path} />
}

/** The pieces of a sentence; `path` is where the whole condition stands, for the marks of a tested context. */
export function Tokens({ tokens, path = '' }: { tokens: Token[]; path?: string }) {
  const outcomes = useOutcomes()
  const outcomeOf = (token: Token) => (token.path === undefined ? undefined : outcomes.get(path + token.path))
  return (
    <span className={classes.sentence}>
      {tokens.map((token, index) => (
        <span key={index}>
          <Mark outcome={outcomeOf(token)} />
          {token.kind === 'segment' ? (
            <SegmentCard segment={token.text} className={classes.segment} />
          ) : (
            <span className={classes[token.kind]}>{token.text}</span>
          )}
          {token.kind === 'bracket' && token.text === '(' ? '' : tokens[index + 1]?.text === ')' ? '' : ' '}
        </span>
      ))}
    </span>
  )
}

function Mark({ outcome }: { outcome: Outcome | undefined }) {
  return outcome === undefined ? null : <OutcomeMark outcome={outcome} />
}

/** What somebody gets, with the colours of the variants. */
export function ServeSentence({ serve, variants }: { serve: Serve; variants: Variant[] }) {
  const m = useMessages()
  const color = (key: string) => variantColor(variants.findIndex((variant) => variant.key === key))
  if ('variant' in serve) {
    return (
      <span className={classes.serve} style={{ '--variant': color(serve.variant) } as React.CSSProperties}>
        {serve.variant}
      </span>
    )
  }
  if ('rollout' in serve) {
    const shares = toShares(serve.rollout.variations)
    return (
      <span className={classes.rollout}>
        <RolloutBar
          parts={serve.rollout.variations.map(({ key }, index) => ({ key, share: shares[index] ?? 0, color: color(key) }))}
        />
        <span className={classes.shares}>{serveText(serve, m)}</span>
      </span>
    )
  }
  return (
    <span className={classes.serve} style={{ '--variant': 'var(--mantine-color-gray-6)' } as React.CSSProperties}>
      {serveText(serve, m)}
    </span>
  )
}
