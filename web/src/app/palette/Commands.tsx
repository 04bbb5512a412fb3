import { useNavigate, useParams, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { isTyping, shortcutReader, singleKeysWanted } from '../shortcuts/shortcuts'
import { CommandsContext } from './commandsContext'
import { noteRecent } from './recent'

const PaletteHost = lazy(() => import('./PaletteHost'))
const ShortcutsSheet = lazy(() => import('../shortcuts/ShortcutsSheet'))

/** The keys that work on every page, and what they open: none of it is loaded before it is asked for. */
export function Commands({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<'palette' | 'sheet' | null>(null)
  // Kept once it was used: an undo that it offered may come after it was closed.
  const [used, setUsed] = useState(false)
  const navigate = useNavigate()
  const scope = useLastScope()
  const { org, project } = scope
  useRememberVisits()

  useEffect(() => {
    const read = shortcutReader()
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.isComposing) {
        return
      }
      const { key, ctrlKey, metaKey, altKey } = event
      const found = read({ key, ctrlKey, metaKey, altKey, typing: isTyping(event.target) }, event.timeStamp, singleKeysWanted())
      const dialogue = document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null
      if (found === null || (found.kind !== 'palette' && dialogue)) {
        return
      }
      // The page's own keys must not also read the second one of `g f`, nor the browser Ctrl+K.
      event.preventDefault()
      event.stopPropagation()
      if (found.kind === 'palette') {
        setUsed(true)
        setOpen((now) => (now === 'palette' ? null : dialogue ? now : 'palette'))
      } else if (found.kind === 'sheet') {
        setOpen('sheet')
      } else if (project !== '') {
        void navigate({ to: `/p/$org/$project/${found.to}`, params: { org, project } })
      }
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [navigate, org, project])

  const show = (what: 'palette' | 'sheet' | null) => {
    setUsed((before) => before || what === 'palette')
    setOpen(what)
  }
  return (
    <CommandsContext value={show}>
      {children}
      <Suspense>
        {used && <PaletteHost scope={scope} opened={open === 'palette'} onClose={() => setOpen(null)} onShortcuts={() => setOpen('sheet')} />}
        {open === 'sheet' && <ShortcutsSheet onClose={() => setOpen(null)} />}
      </Suspense>
    </CommandsContext>
  )
}

/** The project that is open, else the one of last time. */
function useLastScope() {
  const { org, project } = useParams({ strict: false })
  if (org !== undefined && project !== undefined) {
    return { org, project }
  }
  const [lastOrg = '', lastProject = ''] = (localStorage.getItem('togglr-project') ?? '').split('/')
  return org === undefined || org === lastOrg ? { org: lastOrg, project: lastProject } : { org, project: '' }
}

/** Remembers which flags and segments were looked at, for the palette's beginning. */
function useRememberVisits() {
  const { org, project, flag, segment } = useParams({ strict: false })
  // Only what is really there: the page's title comes with it.
  const settled = useRouterState({ select: (state) => state.status === 'idle' })
  useEffect(() => {
    const key = flag ?? segment
    if (settled && org !== undefined && project !== undefined && key !== undefined) {
      noteRecent(org, project, { kind: flag === undefined ? 'segment' : 'flag', key, name: '' })
    }
  }, [settled, org, project, flag, segment])
}
