import type { TargetingProblem } from '../api/types'

/** A path as the server may write it (`/rules/0/if`, `rules[0].if`, `$.rules[0].if`) in the form `/rules/0/if`. */
export function normalisePath(path: string): string {
  const parts = path
    .replace(/^\$/, '')
    .replace(/\[(\w+)\]/g, '/$1')
    .split(/[./]/)
    .filter((part) => part !== '')
  return parts.length === 0 ? '' : `/${parts.join('/')}`
}

/** The problems at a place or below it. */
export function problemsAt(problems: TargetingProblem[], path: string): TargetingProblem[] {
  return problems.filter((problem) => {
    const at = normalisePath(problem.path)
    return at === path || at.startsWith(`${path}/`)
  })
}

/** The problems by the node that they are about: the deepest node whose path begins the problem's. */
export function problemsByNode(problems: TargetingProblem[], paths: Map<string, string>): Map<string, TargetingProblem[]> {
  const result = new Map<string, TargetingProblem[]>()
  for (const problem of problems) {
    let path = normalisePath(problem.path)
    while (path !== '') {
      const node = paths.get(path)
      if (node !== undefined) {
        result.set(node, [...(result.get(node) ?? []), problem])
        break
      }
      path = path.slice(0, path.lastIndexOf('/'))
    }
  }
  return result
}
