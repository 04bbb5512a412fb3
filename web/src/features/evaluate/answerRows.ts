import { same } from '@/shared/targeting/same'
import type { Answer, Result } from './evaluate'

/** What a flag gives in each of several environments, and whether that is the same everywhere. */
export type Row = { flag: string; results: (Result | undefined)[]; differs: boolean }

/** Answers of several environments as rows by flag, in the order of the keys. */
export function toRows(answers: Answer[]): Row[] {
  const maps = answers.map(({ results }) => new Map(results.map((result) => [result.flag, result])))
  const flags = [...new Set(answers.flatMap(({ results }) => results.map(({ flag }) => flag)))].toSorted()
  return flags.map((flag) => {
    const results = maps.map((map) => map.get(flag))
    const differs = results.some((result) => !same([result?.variant, result?.value], [results[0]?.variant, results[0]?.value]))
    return { flag, results, differs }
  })
}
