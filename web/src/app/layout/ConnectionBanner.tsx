import { Button, Group, Paper, Text } from '@mantine/core'
import { IconCloudCheck, IconCloudOff } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { tryConnectionNow, useConnection } from '@/shared/live/connection'

/** A restart of the server takes about as long: nothing to worry anybody with. */
const patience = 2_000
const farewell = 3_000

/** Says that the page may be out of date, above its lower edge so that nothing moves, and when it is over. */
export function ConnectionBanner() {
  const m = useMessages()
  const connection = useConnection()
  const gone = connection === 'offline' || connection === 'lost'
  const [shown, setShown] = useState<'gone' | 'back' | null>(null)
  useEffect(() => {
    if (!gone) {
      setShown((before) => (before === 'gone' ? 'back' : before))
      const timer = setTimeout(() => setShown((before) => (before === 'back' ? null : before)), farewell)
      return () => clearTimeout(timer)
    }
    const timer = setTimeout(() => setShown('gone'), connection === 'offline' ? 0 : patience)
    return () => clearTimeout(timer)
  }, [gone, connection])

  useEffect(() => {
    // Notifications make room for it: they would cover its button.
    document.documentElement.toggleAttribute('data-connection-banner', shown !== null)
    return () => document.documentElement.removeAttribute('data-connection-banner')
  }, [shown])

  return (
    <div role="status" style={{ position: 'fixed', insetInline: 8, bottom: 12, zIndex: 340, display: 'flex', justifyContent: 'center', pointerEvents: 'none' }}>
      {shown !== null && (
        <Paper
          withBorder
          shadow="md"
          px="md"
          py={8}
          maw={640}
          style={{ pointerEvents: 'auto', borderColor: shown === 'gone' ? 'var(--mantine-color-orange-6)' : 'var(--mantine-color-teal-6)' }}
        >
          <Group gap="sm" wrap="nowrap">
            {shown === 'gone' ? (
              <IconCloudOff size={20} color="var(--mantine-color-orange-6)" aria-hidden style={{ flex: 'none' }} />
            ) : (
              <IconCloudCheck size={20} color="var(--mantine-color-teal-6)" aria-hidden style={{ flex: 'none' }} />
            )}
            <Text size="sm">{shown === 'back' ? m.connection.back : connection === 'offline' ? m.connection.offline : m.connection.lost}</Text>
            {shown === 'gone' && (
              <Button size="compact-sm" variant="light" color="gray" style={{ flex: 'none' }} onClick={tryConnectionNow}>
                {m.connection.now}
              </Button>
            )}
          </Group>
        </Paper>
      )}
    </div>
  )
}
