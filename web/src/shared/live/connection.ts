import { useSyncExternalStore } from 'react'

export type Connection = 'connecting' | 'live' | 'lost'

let state: Connection = 'connecting'
let hurry: (() => void) | null = null
const listeners = new Set<() => void>()

/** Says how the page's live connection stands, and how it can be tried again before its time. */
export function reportConnection(next: Connection, tryNow: (() => void) | null) {
  hurry = tryNow
  if (state !== next) {
    state = next
    listeners.forEach((listener) => listener())
  }
}

export const tryConnectionNow = () => hurry?.()

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

/** What stands between the page and the server: `offline` is the machine's own word. */
export function useConnection(): Connection | 'offline' {
  return useSyncExternalStore(subscribe, () => (navigator.onLine ? state : 'offline'))
}
