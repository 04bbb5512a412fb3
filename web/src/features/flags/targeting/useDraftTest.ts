import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { AttributeType, Configuration } from '@/shared/api/types'
import { attributesQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { newRow, toContext, type EvaluationContext } from '@/shared/targeting/contextRows'
import type { Condition } from '@/shared/targeting/model'
import { attributesIn, outcomesOf, type Outcome } from '@/shared/targeting/traceOutcomes'
import { draftEvaluationQuery, type DraftAnswer } from './evaluateDraft'

type Row = { id: string; name: string; text: string; fixed: boolean }
type Typed = { targetingKey: string; values: Record<string, string>; extra: { id: string; name: string; text: string }[] }

export type DraftTest = {
  targetingKey: string
  setTargetingKey: (key: string) => void
  /** A row for every attribute that the rules ask for, then those that were added. */
  rows: Row[]
  setRow: (id: string, part: { name?: string; text?: string }) => void
  addRow: () => void
  removeRow: (id: string) => void
  answer: UseQueryResult<DraftAnswer | null>
  outcomes: Map<string, Outcome> | null
}

/** The context that a person tests the rules with stays while they go through flags and environments. */
let remembered: Typed = { targetingKey: 'user-123', values: {}, extra: [] }

export function useDraftTest(scope: Scope, environment: string, flag: string, draft: Configuration | null, open: boolean): DraftTest {
  const [typed, setTyped] = useState(remembered)
  const { data: attributes = [] } = useQuery(attributesQuery(scope))
  const change = (next: Typed) => {
    remembered = next
    setTyped(next)
  }
  const asked = draft === null ? [] : attributesIn(draft.rules.map((rule) => rule.if as Condition))
  const rows: Row[] = [
    ...asked.map((name) => ({ id: `asked ${name}`, name, text: Object.hasOwn(typed.values, name) ? (typed.values[name] ?? '') : '', fixed: true })),
    ...typed.extra.filter(({ name }) => !asked.includes(name)).map((row) => ({ ...row, fixed: false })),
  ]
  const typeOf = (name: string): AttributeType | undefined => attributes.find((item) => item.name === name)?.type
  const context = toContext(typed.targetingKey, rows, typeOf)
  // As text, because equal questions are one question.
  const [question] = useDebouncedValue(JSON.stringify({ draft, context }), 200)
  const settled = JSON.parse(question) as { draft: Configuration | null; context: EvaluationContext }
  const answer: UseQueryResult<DraftAnswer | null> = useQuery({
    ...draftEvaluationQuery(scope, environment, flag, settled.draft ?? nothing, settled.context),
    enabled: open && settled.draft !== null,
  })
  const trace = answer.data?.trace
  return {
    targetingKey: typed.targetingKey,
    setTargetingKey: (targetingKey) => change({ ...typed, targetingKey }),
    rows,
    setRow: (id, part) => {
      const row = rows.find((item) => item.id === id)
      if (row?.fixed && part.text !== undefined) {
        change({ ...typed, values: { ...typed.values, [row.name]: part.text } })
      } else {
        change({ ...typed, extra: typed.extra.map((item) => (item.id === id ? { ...item, ...part } : item)) })
      }
    },
    addRow: () => change({ ...typed, extra: [...typed.extra, newRow()] }),
    removeRow: (id) => change({ ...typed, extra: typed.extra.filter((item) => item.id !== id) }),
    answer,
    outcomes: open && trace && draft !== null ? outcomesOf(trace, draft.rules.length, draft.prerequisites) : null,
  }
}

const nothing: Configuration = { prerequisites: [], targets: [], rules: [], default: { off: true }, offVariant: null }
