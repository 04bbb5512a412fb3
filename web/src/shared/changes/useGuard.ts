import { useQuery } from '@tanstack/react-query'
import { useCan } from '../project/me'
import type { Scope } from '../project/scope'
import { policiesQuery, type ChangePolicy } from './policies'

/** What always needs an approval, without a policy. */
const safetyTag = 'guarded'

export type Guard = {
  guarded: boolean
  /** Whether the person may go past it: by a right, or as a member of one of these groups. */
  bypass: 'no' | 'right' | string[]
}

/** Which policies in force guard flags with some tags in an environment. */
export function guarding(policies: ChangePolicy[], environment: string | undefined, tags: readonly string[]): ChangePolicy[] {
  return policies.filter(
    (policy) =>
      policy.enabled && (policy.environment === null || policy.environment === environment) && (policy.tag === null || tags.includes(policy.tag)),
  )
}

/** Whether a change of flags in an environment will wait for an approval, and whether the person may go past it. */
export function useGuard(scope: Scope, environment: string | undefined, tags: readonly string[]): Guard {
  const { data: policies = [] } = useQuery(policiesQuery(scope))
  const right = useCan('change.bypass', { ...scope, environment })
  const found = guarding(policies, environment, tags)
  const bare = tags.includes(safetyTag) && !policies.some(({ tag, enabled }) => tag === safetyTag && enabled)
  const groups = [...new Set(found.flatMap(({ bypassGroups }) => bypassGroups.map(({ name, key }) => name || key)))]
  const byGroup = !bare && found.length > 0 && found.every(({ bypassGroups }) => bypassGroups.length > 0)
  return { guarded: found.length > 0 || bare, bypass: right ? 'right' : byGroup ? groups : 'no' }
}
