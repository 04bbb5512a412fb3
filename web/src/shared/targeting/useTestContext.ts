import { useState } from 'react'
import type { Scope } from '../project/scope'
import { newRow, toContext, type EvaluationContext } from './contextRows'
import type { Condition } from './model'
import { attributesIn } from './traceOutcomes'
import { useAttributeChoices } from './useAttributeChoices'

type Row = { id: string; name: string; text: string; fixed: boolean }
type Typed = { targetingKey: string; values: Record<string, string>; extra: { id: string; name: string; text: string }[] }

export type TestContext = {
  targetingKey: string
  setTargetingKey: (key: string) => void
  /** A row for every attribute that the conditions ask for, then those that were added. */
  rows: Row[]
  setRow: (id: string, part: { name?: string; text?: string }) => void
  addRow: () => void
  removeRow: (id: string) => void
  context: EvaluationContext
}

/** The context that a person tests conditions with stays while they go through flags, segments and environments. */
let remembered: Typed = { targetingKey: 'user-123', values: {}, extra: [] }

export function useTestContext(scope: Scope, conditions: Condition[]): TestContext {
  const [typed, setTyped] = useState(remembered)
  const attributes = useAttributeChoices(scope)
  const change = (next: Typed) => {
    remembered = next
    setTyped(next)
  }
  const asked = attributesIn(conditions)
  const rows: Row[] = [
    ...asked.map((name) => ({ id: `asked ${name}`, name, text: Object.hasOwn(typed.values, name) ? (typed.values[name] ?? '') : '', fixed: true })),
    ...typed.extra.filter(({ name }) => !asked.includes(name)).map((row) => ({ ...row, fixed: false })),
  ]
  // What was merely seen does not decide how a typed text is read.
  const context = toContext(typed.targetingKey, rows, (name) => attributes.find((item) => item.isDescribed && item.name === name)?.type)
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
    context,
  }
}
