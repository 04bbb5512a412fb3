import { useEffect, useRef } from 'react'
import type { FlagItem } from '@/shared/flags/flagList'
import type { RowContext } from './FlagRow'

type Options = {
  flags: FlagItem[]
  context: Omit<RowContext, 'onFocus'>
  selected: ReadonlySet<string>
  scrollTo: (index: number) => void
}

/** The same keys on a Russian keyboard. */
const latinOf: Record<string, string> = { о: 'j', л: 'k', ч: 'x', е: 't', у: 'e', с: 'c', п: 'g' }

const typing = 'input:not([type=checkbox]), textarea, select, [contenteditable]'

/**
 * The keyboard of the list: j and k (or the arrows) move from row to row, x selects (with Shift from there to here), t switches in the chosen environment, e opens, c copies
 * the key. The row is the one whose link has the focus, so that screen readers say it.
 */
export function useRowKeys(options: Options) {
  const latest = useRef(options)
  useEffect(() => {
    latest.current = options
  })
  const at = useRef(-1)
  // The same function for ever: a new one would draw every row again.
  const onFocus = useRef((index: number) => {
    at.current = index
  }).current

  useEffect(() => {
    const link = (index: number) => document.querySelector<HTMLElement>(`[data-row-link="${index}"]`)
    const focus = (index: number, attempts = 10) => {
      const element = link(index)
      if (element !== null) {
        element.focus({ preventScroll: true })
      } else if (attempts > 0) {
        // It is drawn when it has been scrolled into sight.
        requestAnimationFrame(() => focus(index, attempts - 1))
      }
    }
    const move = (by: number) => {
      const { flags, scrollTo } = latest.current
      const index = Math.min(Math.max(at.current + by, 0), flags.length - 1)
      if (index >= 0) {
        at.current = index
        scrollTo(index)
        focus(index)
      }
    }
    let leader = -Infinity
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      const { flags, context, selected } = latest.current
      const inRow = target.closest('[data-flag]') !== null
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || target.closest(typing) || document.querySelector('[role=dialog],[role=menu]')) {
        return
      }
      // `g e` leads to another page.
      const afterLeader = event.timeStamp - leader < 1_200
      // With Caps Lock they are the same keys; with Shift only x means something.
      const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key
      const key = latinOf[letter] ?? letter
      leader = key === 'g' ? event.timeStamp : -Infinity
      if (afterLeader || (event.shiftKey && key !== 'x') || (key.length === 1 && localStorage.getItem('togglr-single-keys') === 'off')) {
        return
      }
      const flag = flags[at.current]
      switch (key) {
        case 'j':
          move(1)
          break
        case 'k':
          move(-1)
          break
        case 'ArrowDown':
        case 'ArrowUp':
          if (!inRow) {
            return
          }
          move(key === 'ArrowDown' ? 1 : -1)
          break
        case 'x':
          if (flag && context.selectable) {
            context.onSelect(flag.key, !selected.has(flag.key), event.shiftKey)
          }
          break
        case 't': {
          const state = flag && context.current && flag.environments[context.current.key]
          if (flag && state && context.current && !state.killed && flag.archivedAt === null && context.mayToggle(context.current.key)) {
            context.onToggle(flag, context.current, !state.enabled)
          }
          break
        }
        case 'e':
          link(at.current)?.click()
          break
        case 'c':
          if (flag) {
            context.onCopy(flag.key)
          }
          break
        default:
          return
      }
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])

  return { onFocus }
}
