import { IconCheck, IconX } from '@tabler/icons-react'
import { createContext, use, type ReactNode } from 'react'
import { useMessages } from '../i18n/messages'
import classes from './outcomes.module.css'
import type { Outcome } from './traceOutcomes'

type Outcomes = { byPath: Map<string, Outcome>; byNode: Map<string, Outcome> }

const none: Outcomes = { byPath: new Map(), byNode: new Map() }
const OutcomesContext = createContext<Outcomes>(none)

type Props = {
  /** By place, as `/rules/0/if`. */
  outcomes: Map<string, Outcome> | null
  /** Which node of the editor stands at which place. */
  paths: Map<string, string>
  children: ReactNode
}

/** Lets every part of the rules below show what became of it for the tested context. */
export function ShowOutcomes({ outcomes, paths, children }: Props) {
  const value =
    outcomes === null
      ? none
      : {
          byPath: outcomes,
          byNode: new Map([...paths].flatMap(([path, node]) => {
            const outcome = outcomes.get(path)
            return outcome === undefined ? [] : [[node, outcome] as const]
          })),
        }
  return <OutcomesContext value={value}>{children}</OutcomesContext>
}

export function useOutcome(path: string): Outcome | undefined {
  return use(OutcomesContext).byPath.get(path)
}

export function useOutcomes(): Map<string, Outcome> {
  return use(OutcomesContext).byPath
}

/** Whether a condition in the editor holds for the tested context. */
export function NodeOutcome({ node }: { node: string }) {
  const outcome = use(OutcomesContext).byNode.get(node)
  return outcome === undefined ? null : <OutcomeMark outcome={outcome} />
}

/** A tick or a cross with its meaning for screen readers. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  const m = useMessages()
  if (outcome === 'unreached') {
    return null
  }
  const holds = outcome !== 'fails'
  const Icon = holds ? IconCheck : IconX
  return (
    <span className={classes.mark} data-holds={holds || undefined}>
      <Icon size={11} stroke={3.2} role="img" aria-label={holds ? m.test.holds : m.test.fails} />
    </span>
  )
}

/** What became of a whole part: it decided, it did not match, or it was not asked. */
export function PartOutcome({ path, failed }: { path: string; failed?: string }) {
  const m = useMessages()
  const outcome = useOutcome(path)
  if (outcome === undefined) {
    return null
  }
  const text = { decided: m.test.decides, fails: failed ?? m.test.noMatch, holds: m.test.holds, unreached: m.test.unreached }[outcome]
  return (
    <span className={classes.part} data-outcome={outcome}>
      {text}
    </span>
  )
}
