/**
 * What was typed and not saved, kept in this window until it is saved or discarded: it outlives a reload, a crash of the
 * page and a sign-in in between, and it is only for the person who typed it.
 */
type Stored = { version: 1; person: string; at: number; value: unknown }

const prefix = 'togglr-draft '
const longest = 1_000_000
const days = 7

/** The draft of a person for a place; undefined when there is none that can still be used. */
export function readDraft<T>(place: string, person: string, isValid: (value: unknown) => value is T): { value: T; at: Date } | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(prefix + place) ?? 'null') as Stored | null
    const usable =
      stored !== null && stored.version === 1 && stored.person === person && Date.now() - stored.at < days * 86_400_000 && isValid(stored.value)
    return usable ? { value: stored.value as T, at: new Date(stored.at) } : undefined
  } catch {
    return undefined
  }
}

export function writeDraft(place: string, person: string, value: unknown) {
  const stored: Stored = { version: 1, person, at: Date.now(), value }
  const text = JSON.stringify(stored)
  try {
    if (text.length <= longest) {
      sessionStorage.setItem(prefix + place, text)
    } else {
      sessionStorage.removeItem(prefix + place)
    }
  } catch {
    // No room, or storage is switched off: the page works without.
  }
  changed()
}

export function forgetDraft(place: string) {
  try {
    if (sessionStorage.getItem(prefix + place) === null) {
      return
    }
    sessionStorage.removeItem(prefix + place)
  } catch {
    return
  }
  changed()
}

/** Forgets everything, for whoever signs out. */
export function forgetDrafts() {
  try {
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith(prefix))
      .forEach((key) => sessionStorage.removeItem(key))
  } catch {
    // Storage is switched off.
  }
  changed()
}

export function hasDraft(place: string): boolean {
  try {
    return sessionStorage.getItem(prefix + place) !== null
  } catch {
    return false
  }
}

const listeners = new Set<() => void>()
const changed = () => listeners.forEach((listener) => listener())

export function subscribeToDrafts(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
