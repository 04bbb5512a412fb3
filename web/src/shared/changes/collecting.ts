import { useSyncExternalStore } from 'react'

/** The draft that the changes of this window are added to. */
export type Collecting = { org: string; project: string; number: number }

const storageKey = 'togglr-collecting'
const listeners = new Set<() => void>()
let current = read()

function read(): Collecting | null {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as Collecting | null
  } catch {
    return null
  }
}

export function collect(draft: Collecting | null) {
  current = draft
  if (draft === null) {
    sessionStorage.removeItem(storageKey)
  } else {
    sessionStorage.setItem(storageKey, JSON.stringify(draft))
  }
  listeners.forEach((listener) => listener())
}

/** The draft for a call, where it changes something of the draft's project. */
export function draftFor(method: string, address: string): number | null {
  if (current === null || method === 'GET') {
    return null
  }
  const inProject = `/api/v1/orgs/${current.org}/projects/${current.project}/`
  const path = new URL(address, location.href).pathname
  return path.startsWith(inProject) && !path.startsWith(`${inProject}change-requests`) ? current.number : null
}

export function useCollecting(org: string, project: string): Collecting | null {
  const draft = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
  return draft?.org === org && draft.project === project ? draft : null
}
