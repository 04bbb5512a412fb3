import { Badge, Tooltip } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'

/** Says when the live connection is gone. As long as it stands there is only a quiet dot. */
export function LiveStatus({ status }: { status: 'connecting' | 'live' | 'lost' }) {
  const m = useMessages()
  const live = status !== 'lost'
  return (
    <Tooltip label={live ? m.app.liveHint : m.app.reconnectingHint}>
      <Badge
        variant="dot"
        color={status === 'live' ? 'teal' : live ? 'gray' : 'orange'}
        tt="none"
        fw={500}
        role="status"
        visibleFrom={live ? 'md' : undefined}
        styles={{ root: { background: 'transparent', color: 'var(--mantine-color-text)' } }}
      >
        {live ? m.app.live : m.app.reconnecting}
      </Badge>
    </Tooltip>
  )
}
