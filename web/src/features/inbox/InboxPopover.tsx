import { Anchor, Button, Divider, Group, ScrollArea, Skeleton, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { inboxQuery, useReadInbox } from '@/shared/inbox/inbox'
import { useMessages } from '@/shared/i18n/messages'
import { InboxRow } from './InboxRow'
import { useTexts } from './texts/useTexts'

const most = 8

/** The newest of the inbox, behind the bell. */
export default function InboxPopover({ onClose }: { onClose: () => void }) {
  const m = useMessages()
  const t = useTexts()
  const query = useInfiniteQuery(inboxQuery(false))
  const { readAll } = useReadInbox()
  const items = query.data?.pages[0]?.items.slice(0, most) ?? []
  const unread = query.data?.pages[0]?.unread ?? 0
  return (
    <div>
      <Group justify="space-between" px="md" py="xs" wrap="nowrap">
        <Text fw={650}>{m.inbox.title}</Text>
        <Button size="compact-xs" variant="subtle" disabled={unread === 0} loading={readAll.isPending} onClick={() => readAll.mutate()}>
          {t.readAll}
        </Button>
      </Group>
      <Divider />
      <ScrollArea.Autosize mah="60dvh">
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Stack gap={8} p="md" role="status" aria-label={m.common.loading}>
            <Skeleton height={36} />
            <Skeleton height={36} />
          </Stack>
        ) : items.length === 0 ? (
          <Stack gap={2} p="lg" align="center" ta="center">
            <Text fw={600}>{t.empty}</Text>
            <Text size="sm" c="dimmed">
              {t.emptyText}
            </Text>
          </Stack>
        ) : (
          items.map((item) => <InboxRow key={item.id} item={item} onOpen={onClose} />)
        )}
      </ScrollArea.Autosize>
      <Divider />
      <Group justify="space-between" px="md" py="xs">
        <Anchor component={Link} to="/inbox" size="sm" onClick={onClose}>
          {t.open}
        </Anchor>
        <Anchor component={Link} to="/account/notifications" size="sm" onClick={onClose}>
          {t.settings}
        </Anchor>
      </Group>
    </div>
  )
}
