import type { EnvironmentView } from '@/shared/api/types'

/** In which environments something is scheduled, by flag; names in the project's order. */
export function scheduledNames(items: { flag: string; environment: string }[], environments: EnvironmentView[]): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>()
  for (const { flag, environment } of items) {
    found.set(flag, (found.get(flag) ?? new Set()).add(environment))
  }
  return new Map(
    [...found].map(([flag, keys]) => [
      flag,
      environments
        .filter(({ key }) => keys.has(key))
        .map(({ name }) => name)
        .join(', '),
    ]),
  )
}
