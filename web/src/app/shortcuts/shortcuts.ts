/** Where the second key of `g …` leads. */
export const places = { f: 'flags', s: 'segments', e: 'evaluate', n: 'environments', a: 'audit' } as const
export type PlaceKey = keyof typeof places

export type Shortcut = { kind: 'palette' } | { kind: 'sheet' } | { kind: 'go'; to: (typeof places)[PlaceKey] }

type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; typing: boolean }

const sequenceWithin = 1_200

/** Reads keys one after another; `single` says whether keys without Ctrl or ⌘ count, which people can turn off. */
export function shortcutReader() {
  let leader = 0
  return (press: Press, now: number, single: boolean): Shortcut | null => {
    const { key, ctrlKey, metaKey, altKey, typing } = press
    if ((ctrlKey || metaKey) && !altKey && (key.toLowerCase() === 'k' || key.toLowerCase() === 'л')) {
      leader = 0
      return { kind: 'palette' }
    }
    if (typing || !single || ctrlKey || metaKey || altKey) {
      leader = 0
      return null
    }
    if (key === '?') {
      leader = 0
      return { kind: 'sheet' }
    }
    const latin = latinOf[key.toLowerCase()] ?? key.toLowerCase()
    if (leader !== 0 && now - leader <= sequenceWithin) {
      leader = 0
      return latin in places ? { kind: 'go', to: places[latin as PlaceKey] } : null
    }
    leader = latin === 'g' ? now : 0
    return null
  }
}

/** The same keys on a Russian keyboard. */
const latinOf: Record<string, string> = { п: 'g', а: 'f', ы: 's', у: 'e', т: 'n', ф: 'a' }

/** Whether keys that go there are meant as text or belong to a widget. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable="true"], [role="textbox"], [role="combobox"]') !== null
  )
}

const storageKey = 'togglr-single-keys'
export const singleKeysWanted = () => localStorage.getItem(storageKey) !== 'off'
export const wantSingleKeys = (wanted: boolean) => localStorage.setItem(storageKey, wanted ? 'on' : 'off')

/** How this machine calls the command key. */
export const commandKey = () => (/mac|iphone|ipad/i.test(navigator.platform) ? '⌘' : 'Ctrl')
