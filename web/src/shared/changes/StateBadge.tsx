import { Badge } from '@mantine/core'
import { useMessages } from '../i18n/messages'
import type { ChangeRequestState } from './changeRequests'

const colors: Record<ChangeRequestState, string> = {
  draft: 'gray', pending: 'yellow', approved: 'teal', scheduled: 'blue', applied: 'green', rejected: 'red', cancelled: 'gray', expired: 'gray', conflicted: 'orange',
}

/** Where a request stands. */
export function StateBadge({ state, size = 'sm' }: { state: ChangeRequestState; size?: 'xs' | 'sm' | 'md' }) {
  const m = useMessages()
  return (
    <Badge variant="dot" color={colors[state]} tt="none" size={size}>
      {m.changes.states[state]}
    </Badge>
  )
}
