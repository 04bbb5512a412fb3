import { Button, Group, Skeleton, Stack, Switch, Text, Title } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { inboxQuery, useReadInbox } from '@/shared/inbox/inbox'
import { useMessages } from '@/shared/i18n/messages'
import { InboxRow } from './InboxRow'
import { useTexts } from './texts/useTexts'

/** Everything that concerned the person of late. */
export function InboxPage() {
  const m = useMessages()
  const t = useTexts()
  const [unreadOnly, setUnreadOnly] = useState(false)
  const query = useInfiniteQuery(inboxQuery(unreadOnly))
  const { readAll } = useReadInbox()
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  const unread = query.data?.pages[0]?.unread ?? 0
  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 860, margin: '0 auto' }}>
      <Group justify="space-between" align="flex-start" mb="md">
        <div style={{ flex: '1 1 280px', minWidth: 0 }}>
          <Title order={1} size="h3">
            {m.inbox.title}
          </Title>
          <Text size="sm" c="dimmed">
            {t.text}
          </Text>
        </div>
        <Button component={Link} to="/account/notifications" variant="default">
          {t.settings}
        </Button>
      </Group>
      <Group justify="space-between" mb="sm">
        <Switch label={t.unreadOnly} checked={unreadOnly} onChange={(event) => setUnreadOnly(event.currentTarget.checked)} />
        <Button size="compact-sm" variant="subtle" disabled={unread === 0} loading={readAll.isPending} onClick={() => readAll.mutate()}>
          {t.readAll}
        </Button>
      </Group>
      <div className="surface" style={{ overflow: 'clip' }}>
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Stack gap={10} p="md" role="status" aria-label={m.common.loading}>
            <Skeleton height={44} />
            <Skeleton height={44} />
            <Skeleton height={44} />
          </Stack>
        ) : items.length === 0 ? (
          <EmptyState icon={IconBell} title={t.empty} text={t.emptyText} />
        ) : (
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {items.map((item, i) => (
              <li key={item.id} style={{ borderTop: i > 0 ? '1px solid var(--mantine-color-default-border)' : undefined }}>
                <InboxRow item={item} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {query.hasNextPage && (
        <Group justify="center" mt="sm">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t.more}
          </Button>
        </Group>
      )}
    </div>
  )
}
