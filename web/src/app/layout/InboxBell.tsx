import { ActionIcon, Indicator, Popover } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { unreadQuery } from '@/shared/inbox/inbox'
import { useMessages } from '@/shared/i18n/messages'

const InboxPopover = lazy(() => import('@/features/inbox/InboxPopover'))

/** What concerns the person, with how much of it is unread. */
export function InboxBell() {
  const m = useMessages()
  const [opened, setOpened] = useState(false)
  const { data: unread = 0 } = useQuery(unreadQuery)
  return (
    // Within the header: what is outside of every landmark is not found by way of them.
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width="min(400px, 94vw)" withinPortal={false} trapFocus shadow="md">
      <Indicator label={unread > 99 ? '99+' : unread} size={16} offset={6} disabled={unread === 0} color="red.9">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.inbox.bell(unread)} onClick={() => setOpened((before) => !before)}>
            <IconBell size={20} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <Suspense>{opened && <InboxPopover onClose={() => setOpened(false)} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
