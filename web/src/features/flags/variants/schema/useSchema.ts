import { useMemo } from 'react'
import type { CodeProblem } from '@/shared/components/CodeEditor'
import { useSchemaTexts } from '../texts/useSchemaTexts'
import { checkValue } from './checkValue'
import { readSchema, type Fault, type SchemaNode } from './readSchema'

/** Above this a value is checked by the server alone. */
const longestText = 100_000

/** What is wrong with the text of a schema, while it is typed. Empty where it is not JSON: that is told elsewhere. */
export function useSchemaFaults(text: string): CodeProblem[] {
  const { faults: words } = useSchemaTexts()
  return useMemo(() => (compile(text)?.faults ?? []).map((fault) => told(fault, words)), [text, words])
}

/** What of a value does not fit a schema, both as they stand in their editors; null where only the server can tell. */
export function useValueFaults(schema: string, text: string): CodeProblem[] | null {
  const { faults: words } = useSchemaTexts()
  const node = useMemo((): SchemaNode | null => {
    const compiled = compile(schema)
    return compiled === null || compiled.faults.length > 0 ? null : compiled.node
  }, [schema])
  return useMemo(() => {
    if (node === null || text.length > longestText) {
      return null
    }
    const value = parsed(text)
    return value === undefined ? null : (checkValue(node, value)?.map((fault) => told(fault, words)) ?? null)
  }, [node, text, words])
}

function compile(text: string) {
  const schema = text.trim() === '' ? undefined : parsed(text)
  return schema === undefined ? null : readSchema(schema)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const told = ({ path, text, about }: Fault, words: ReturnType<typeof useSchemaTexts>['faults']): CodeProblem => ({ path, severity: 'error', message: words[text](about) })
