import type { AttributeType } from '../api/types'
import { parseScalar } from './operators'

/** An attribute of a context as it is typed. */
export type ContextRow = { id: string; name: string; text: string }

export type EvaluationContext = Record<string, unknown>

let next = 0
export const newRow = (name = '', text = ''): ContextRow => ({ id: `c${next++}`, name, text })

/** The rows of a context; the targeting key is asked for separately. */
export function toRows(context: EvaluationContext): ContextRow[] {
  return Object.entries(context)
    .filter(([name]) => name !== 'targetingKey')
    .map(([name, value]) => newRow(name, typeof value === 'string' ? value : JSON.stringify(value)))
}

/** A typed value: by the attribute's type where it is known, else numbers, booleans, lists and objects as JSON has them. */
function valueOf(text: string, type: AttributeType | undefined): unknown {
  if (type === 'array') {
    return text.trim().startsWith('[') ? json(text) : text.split(',').map((item) => item.trim()).filter((item) => item !== '')
  }
  if (type !== undefined) {
    return parseScalar(text, type)
  }
  return /^\s*(true|false|-?\d|\[|\{)/.test(text) ? json(text) : text
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The context of a form. Rows without a name or value are left out. */
export function toContext(
  targetingKey: string,
  rows: ContextRow[],
  typeOf: (name: string) => AttributeType | undefined,
): EvaluationContext {
  const context: EvaluationContext = {}
  if (targetingKey !== '') {
    context.targetingKey = targetingKey
  }
  for (const { name, text } of rows) {
    if (name !== '' && text !== '') {
      context[name] = valueOf(text, typeOf(name))
    }
  }
  return context
}

/** Reads a context from JSON. Throws when it is none. */
export function parseContext(source: string): EvaluationContext {
  const value: unknown = JSON.parse(source)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('{ … }')
  }
  return value as EvaluationContext
}
