import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import classes from './HintLayer.module.css'

type Hint = { text: string; x: number; y: number; below: boolean }

/**
 * One tooltip for everything inside that has a `data-hint` (or a `data-time`, which is written out only when somebody asks). A table of
 * thousands of rows cannot afford a tooltip component in each cell.
 */
export function HintLayer({ exact, children }: { exact: (time: string) => string; children: ReactNode }) {
  const [hint, setHint] = useState<Hint | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const about = useRef<HTMLElement | null>(null)
  const id = useId()

  const hide = () => {
    clearTimeout(timer.current)
    about.current?.removeAttribute('aria-describedby')
    about.current = null
    setHint(null)
  }
  const find = (target: EventTarget) => (target instanceof Element ? target.closest<HTMLElement>('[data-hint],[data-time]') : null)
  const show = (target: EventTarget, delay: number) => {
    const element = find(target)
    if (element === about.current) {
      return
    }
    hide()
    if (element === null) {
      return
    }
    about.current = element
    timer.current = setTimeout(() => place(element), delay)
  }
  const place = (element: HTMLElement) => {
    const time = element.dataset.time
    const box = element.getBoundingClientRect()
    const below = box.top < 120
    element.setAttribute('aria-describedby', id)
    setHint({
      text: time === undefined ? (element.dataset.hint ?? '') : exact(time),
      x: Math.min(Math.max(box.left + box.width / 2, 120), window.innerWidth - 120),
      y: below ? box.bottom + 6 : box.top - 6,
      below,
    })
  }
  // Getting the focus scrolls what is out of sight into it: its hint goes along instead of going away.
  const scrolled = () => {
    const element = about.current
    if (element !== null && element === document.activeElement) {
      place(element)
    } else {
      hide()
    }
  }

  // Once: the list is drawn again while somebody waits for a hint.
  const scrolledLatest = useRef(scrolled)
  useEffect(() => {
    scrolledLatest.current = scrolled
  })
  useEffect(() => {
    const onScroll = () => scrolledLatest.current()
    window.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      window.removeEventListener('scroll', onScroll)
      clearTimeout(timer.current)
    }
  }, [])

  return (
    <div
      onPointerOver={(event) => event.pointerType !== 'touch' && show(event.target, 250)}
      onPointerLeave={hide}
      onFocus={(event) => show(event.target, 0)}
      onBlur={hide}
      onKeyDown={(event) => event.key === 'Escape' && hide()}
    >
      {children}
      {hint && (
        <div id={id} role="tooltip" className={classes.hint} data-below={hint.below || undefined} style={{ left: hint.x, top: hint.y }}>
          {hint.text}
        </div>
      )}
    </div>
  )
}
