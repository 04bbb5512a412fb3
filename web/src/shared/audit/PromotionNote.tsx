import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { AuditEntryView } from '../api/types'
import { useMessages } from './texts/messages'

/** The other end of a promotion, as an entry names it. */
type End = { project: string; environment: string; flag: string; revision: number | null }

type Promotion = { direction: 'from' | 'to'; end: End }

/** Where what an entry tells of came from, or where it went; undefined where it is about no promotion. */
export function promotionOf(entry: AuditEntryView): Promotion | undefined {
  const link = entry.changes.find(({ path }) => path === 'promotion')?.after as { from?: End; to?: End } | null | undefined
  if (link?.from) {
    return { direction: 'from', end: link.from }
  }
  return link?.to ? { direction: 'to', end: link.to } : undefined
}

function usePlace(entry: AuditEntryView, { direction, end }: Promotion): string {
  const m = useMessages()
  const place = end.project === entry.project ? end.environment : `${end.project} / ${end.environment}`
  return direction === 'from' ? m.audit.promotedFrom(place, end.revision) : m.audit.promotedTo(place)
}

/** In one line of a list. */
export function PromotionHint({ entry, promotion }: { entry: AuditEntryView; promotion: Promotion }) {
  return <>{usePlace(entry, promotion)}</>
}

/** With the way there: the flag in the other environment. */
export function PromotionLink({ org, entry, promotion }: { org: string; entry: AuditEntryView; promotion: Promotion }) {
  const { project, environment, flag } = promotion.end
  return (
    <Text
      component={Link}
      to="/p/$org/$project/flags/$flag"
      params={{ org, project, flag } as never}
      search={{ env: environment, tab: 'history' } as never}
      size="sm"
      c="var(--mantine-color-anchor)"
    >
      {usePlace(entry, promotion)}
    </Text>
  )
}
