/** Something that was opened from here or visited: enough to show and open it again. */
export type Recent = { kind: 'flag' | 'segment'; key: string; name: string }

const most = 8
const storageKey = (org: string, project: string) => `togglr-recent:${org}/${project}`

export function readRecent(org: string, project: string): Recent[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey(org, project)) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRecent).slice(0, most) : []
  } catch {
    return []
  }
}

/** Puts one first. */
export function noteRecent(org: string, project: string, item: Recent) {
  const others = readRecent(org, project).filter(({ kind, key }) => kind !== item.kind || key !== item.key)
  try {
    localStorage.setItem(storageKey(org, project), JSON.stringify([item, ...others].slice(0, most)))
  } catch {
    // A full or forbidden storage costs the memory of what was recent, nothing else.
  }
}

function isRecent(value: unknown): value is Recent {
  const item = value as Partial<Recent> | null
  return (
    typeof item === 'object' && item !== null && (item.kind === 'flag' || item.kind === 'segment') &&
    typeof item.key === 'string' && typeof item.name === 'string'
  )
}
