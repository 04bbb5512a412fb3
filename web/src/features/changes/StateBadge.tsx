import { Badge } from '@mantine/core'
import type { ChangeRequestState } from '@/shared/changes/changeRequests'
import { useTexts } from './texts/useTexts'

const colors: Record<ChangeRequestState, string> = {
  draft: 'gray', pending: 'yellow', approved: 'teal', scheduled: 'blue', applied: 'green', rejected: 'red', cancelled: 'gray', expired: 'gray', conflicted: 'orange',
}

/** Where a request stands. */
export function StateBadge({ state, size = 'sm' }: { state: ChangeRequestState; size?: 'xs' | 'sm' | 'md' }) {
  const t = useTexts()
  return (
    <Badge variant="dot" color={colors[state]} tt="none" size={size}>
      {t.states[state]}
    </Badge>
  )
}
