import type { EnvironmentView } from '@/shared/api/types'
import type { FlagItem } from '@/shared/flags/flagList'
import type { Recent } from './recent'

export type Section = 'recent' | 'actions' | 'flags' | 'segments' | 'pages' | 'environments' | 'projects' | 'settings'

/** What one row of the palette does when it is chosen. */
export type Deed =
  | { kind: 'page'; to: string; params: Record<string, string>; search?: Record<string, string> }
  | { kind: 'open'; item: Recent }
  | { kind: 'environment'; key: string }
  | { kind: 'toggle'; flag: FlagItem; environment: EnvironmentView; enabled: boolean }
  | { kind: 'kill'; flag: FlagItem }
  | { kind: 'copy'; text: string }
  | { kind: 'theme'; scheme: 'light' | 'dark' | 'auto' }
  | { kind: 'shortcuts' }

export type Entry = {
  id: string
  section: Section
  label: string
  /** Shown beside the label: a key, or where it leads. */
  hint?: string
  icon: 'flag' | 'segment' | 'page' | 'environment' | 'project' | 'on' | 'off' | 'kill' | 'copy' | 'theme' | 'keyboard' | 'history' | 'evaluate'
  color?: string
  critical?: boolean
  /** Why it cannot be done; such a row is shown and does nothing. */
  refused?: string
  /** The flag whose actions the row unfolds with the right arrow. */
  flag?: FlagItem
  deed: Deed
}

const order: Section[] = ['recent', 'actions', 'flags', 'segments', 'pages', 'environments', 'projects', 'settings']

/** The rows in their sections, in the order in which the arrows go through them. */
export function grouped(entries: Entry[], first: Section[] = []): { section: Section; entries: Entry[] }[] {
  const sections = [...first, ...order.filter((section) => !first.includes(section))]
  return sections
    .map((section) => ({ section, entries: entries.filter((entry) => entry.section === section) }))
    .filter((group) => group.entries.length > 0)
}
