import { Badge, Tooltip } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'

/** Says whether the live connection stands: loudly when it is gone, else only with a quiet dot. */
export function LiveStatus({ status }: { status: 'connecting' | 'live' | 'lost' }) {
  const m = useMessages()
  const lost = status === 'lost'
  const text = { connecting: m.app.connecting, live: m.app.live, lost: m.app.reconnecting }[status]
  return (
    <Tooltip label={lost ? m.app.reconnectingHint : m.app.liveHint}>
      <Badge
        variant="dot"
        color={status === 'live' ? 'teal' : lost ? 'orange' : 'gray'}
        tt="none"
        fw={500}
        role="status"
        visibleFrom={lost ? undefined : 'md'}
        styles={{ root: { background: 'transparent', color: 'var(--mantine-color-text)' } }}
      >
        {text}
      </Badge>
    </Tooltip>
  )
}
