import { useSyncExternalStore } from 'react'

/** A change by somebody else (or by the same person in another window) that arrived over the live connection. */
export type RecentChange = { who: string; at: number; environment: string | null; action: string }

const changes = new Map<string, RecentChange>()
const own = new Map<string, number>()
const listeners = new Set<() => void>()
const visibleFor = 20_000

const idOf = (entity: string, key: string) => `${entity}:${key}`
const announce = () => listeners.forEach((listener) => listener())

/** Remembers that this window is about to change something, so that the echo of it is no news. */
export function noteOwnChange(entity: string, key: string) {
  own.set(idOf(entity, key), Date.now())
}

/** Whether an event is the echo of a change that this window has just made. */
export function isOwnEcho(entity: string, key: string): boolean {
  return Date.now() - (own.get(idOf(entity, key)) ?? 0) < 3_000
}

export function noteChange(entity: string, key: string, change: RecentChange) {
  const id = idOf(entity, key)
  changes.set(id, change)
  announce()
  setTimeout(() => {
    if (changes.get(id) === change) {
      changes.delete(id)
      announce()
    }
  }, visibleFor)
}

export function dismissChange(entity: string, key: string) {
  changes.delete(idOf(entity, key))
  announce()
}

/** The change to an entity within the last seconds, if any. */
export function useRecentChange(entity: string, key: string): RecentChange | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => changes.get(idOf(entity, key)),
  )
}
