import type { TimelineLaneView } from '@/shared/schedules/api'

/** Something that changes at an instant. */
export type AgendaItem = {
  at: string
  flag: string
  flagName: string
  environment: string
  schedule: string | null
  name: string | null
  /** What the flag is from then on; null for a change of its configuration. */
  enabled: boolean | null
}

/** What changes in some lanes from an instant on, in order. */
export function agendaOf(lanes: TimelineLaneView[], from: number, to: number): AgendaItem[] {
  const items: AgendaItem[] = []
  for (const { flag, flagName, environment, spans, moments } of lanes) {
    const place = { flag, flagName, environment }
    spans.forEach((span, index) => {
      const before = spans[index - 1]
      // The first span was there before; what happens once is told below; and a window need not change anything.
      if (before === undefined || span.enabled === null || before.enabled === span.enabled || (before.schedule === null && span.schedule === null)) {
        return
      }
      items.push({ ...place, at: span.from, schedule: span.schedule ?? before.schedule, name: span.name ?? before.name, enabled: span.enabled })
    })
    for (const { at, schedule, name, action } of moments) {
      items.push({ ...place, at, schedule, name, enabled: action === 'configure' ? null : action === 'enable' })
    }
  }
  return items.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** Items of one day, and how many more of a schedule there are where they would fill the page. */
export type AgendaLine = { item: AgendaItem; more: number }

const mostOfOne = 4

/** The first changes of every schedule in a day; the last of them says how many follow. */
export function shorten(items: AgendaItem[]): AgendaLine[] {
  const lines: AgendaLine[] = []
  const seen = new Map<string, { count: number; last: AgendaLine }>()
  for (const item of items) {
    const key = `${item.flag} ${item.environment} ${item.schedule}`
    const known = seen.get(key)
    if (known !== undefined && known.count >= mostOfOne) {
      known.last.more += 1
      continue
    }
    const line = { item, more: 0 }
    lines.push(line)
    seen.set(key, { count: (known?.count ?? 0) + 1, last: line })
  }
  return lines
}
