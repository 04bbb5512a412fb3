import type { Scope } from '@/shared/project/scope'
import { same } from '@/shared/targeting/same'
import type { EvaluationContext } from '@/shared/targeting/contextRows'

const kept = 8
const keyOf = ({ org, project }: Scope) => `togglr-contexts:${org}/${project}`

/** The contexts that were asked about in this browser, newest first. They never leave it. */
export function readRecent(scope: Scope): EvaluationContext[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(scope)) ?? '[]')
    return Array.isArray(stored) ? stored.filter((item): item is EvaluationContext => typeof item === 'object' && item !== null && !Array.isArray(item)) : []
  } catch {
    return []
  }
}

/** Puts a context in front of the others. */
export function withRecent(recent: EvaluationContext[], context: EvaluationContext): EvaluationContext[] {
  return Object.keys(context).length === 0 ? recent : [context, ...recent.filter((item) => !same(item, context))].slice(0, kept)
}

export function noteRecent(scope: Scope, context: EvaluationContext) {
  try {
    localStorage.setItem(keyOf(scope), JSON.stringify(withRecent(readRecent(scope), context)))
  } catch {
    // A full or closed storage is no reason not to answer.
  }
}

export const forgetRecent = (scope: Scope) => localStorage.removeItem(keyOf(scope))

/** A context in few words: who, then the first attributes. */
export function contextLabel(context: EvaluationContext): string {
  const { targetingKey, ...rest } = context
  const parts = Object.entries(rest).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [...(targetingKey === undefined ? [] : [String(targetingKey)]), ...parts].join(', ').slice(0, 120) || '{}'
}

/** The question as the part of the address behind `#`, which browsers do not send to any server. */
export const toFragment = (context: EvaluationContext) => encodeURIComponent(JSON.stringify(context))

/** The context of a fragment; undefined when there is none. */
export function fromFragment(fragment: string): EvaluationContext | undefined {
  for (const read of [(text: string) => text, decodeURIComponent]) {
    try {
      const value: unknown = JSON.parse(read(fragment.replace(/^#/, '')))
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as EvaluationContext) : undefined
    } catch {
      // Not in this spelling.
    }
  }
  return undefined
}
