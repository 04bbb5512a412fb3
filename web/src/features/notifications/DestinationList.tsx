import { Anchor, Badge, Button, Group, Skeleton, Stack, Text, Tooltip } from '@mantine/core'
import { IconBellRinging, IconMessages, IconBrandSlack, IconBrandTelegram, IconMail, IconPlus, IconWebhook, type TablerIcon } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/audit/texts/messages'
import { useCan } from '@/shared/project/me'
import { destinationsQuery, useDestinationActions, type DeliveryState, type Destination, type DestinationKind, type Place } from './api'
import { DestinationDialog } from './DestinationDialog'
import { eventText } from './eventText'
import { useTexts } from './texts/useTexts'

const icons: Record<DestinationKind, TablerIcon> = { webhook: IconWebhook, slack: IconBrandSlack, mattermost: IconMessages, telegram: IconBrandTelegram, email: IconMail }
const colors = { idle: 'gray', ok: 'teal', failing: 'orange', paused: 'red' }

type Props = { place: Place; onOpenLog: (destination: string, state: DeliveryState) => void }

/** The destinations of a place, with how each answers. */
export function DestinationList({ place, onOpenLog }: Props) {
  const m = useMessages()
  const t = useTexts()
  const query = useQuery(destinationsQuery(place))
  const mayTell = useCan('audit.view', { org: place.org, project: place.project ?? undefined })
  const [editing, setEditing] = useState<Destination | 'new' | null>(null)
  const items = query.data ?? []
  const add = (
    <Tooltip label={t.mayNotTell} disabled={mayTell} multiline w={280}>
      <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')} disabled={!mayTell}>
        {t.add}
      </Button>
    </Tooltip>
  )
  return (
    <>
      {items.length > 0 && (
        <Group justify="flex-end" mb="sm">
          {add}
        </Group>
      )}
      <div className="surface" style={{ overflow: 'clip' }}>
        {query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Stack gap={10} p="md" role="status" aria-label={m.common.loading}>
            <Skeleton height={48} />
            <Skeleton height={48} />
          </Stack>
        ) : items.length === 0 ? (
          <EmptyState icon={IconBellRinging} title={t.empty} text={t.emptyText}>
            {add}
          </EmptyState>
        ) : (
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {items.map((item, i) => (
              <li key={item.id} style={{ padding: 'var(--mantine-spacing-md)', borderTop: i > 0 ? '1px solid var(--mantine-color-default-border)' : undefined }}>
                <DestinationRow place={place} item={item} mayTell={mayTell} onEdit={() => setEditing(item)} onOpenLog={onOpenLog} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {editing !== null && <DestinationDialog place={place} destination={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  )
}

type RowProps = Props & { item: Destination; mayTell: boolean; onEdit: () => void }

function DestinationRow({ place, item, mayTell, onEdit, onOpenLog }: RowProps) {
  const m = useMessages()
  const t = useTexts()
  const confirm = useConfirm()
  const { remove, test, resendAll } = useDestinationActions(place)
  const Icon = icons[item.kind]
  const { health } = item
  const failed = (error: unknown) => showError(m.errors.title, error, m)
  const send = () =>
    test.mutate(item.id, {
      onSuccess: (answer) =>
        answer.ok ? showDone(t.tested(answer.milliseconds), m) : showError(t.testFailed, new Error(answer.error ?? ''), m),
      onError: failed,
    })
  const ask = async () => {
    if (await confirm({ title: t.removeTitle(item.name), text: t.removeText, confirm: t.remove, danger: true })) {
      remove.mutate(item.id, { onSuccess: () => showDone(t.removed(item.name), m), onError: failed })
    }
  }
  return (
    <Group align="flex-start" wrap="wrap" gap="sm">
      <Group align="flex-start" wrap="nowrap" gap="sm" style={{ flex: '1 1 320px', minWidth: 0 }}>
        <Icon size={22} stroke={1.6} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {item.name}
            </Text>
            {!item.enabled && (
              <Badge size="xs" variant="default" tt="none">
                {t.off}
              </Badge>
            )}
            <Tooltip label={health.state === 'paused' ? `${t.pausedHint} ${health.lastError ?? ''}` : (health.lastError ?? '')} multiline w={320} disabled={health.state === 'ok' || health.state === 'idle'}>
              <Badge size="sm" variant="light" color={colors[health.state as keyof typeof colors]} tt="none">
                {t.states[health.state as keyof typeof t.states]}
              </Badge>
            </Tooltip>
          </Group>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t.kinds[item.kind]} · {item.target}
          </Text>
          {item.subscriptions.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t.nothing}
            </Text>
          ) : (
            item.subscriptions.map((subscription, i) => (
              <Text key={i} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {[subscription.project, subscription.environment].filter(Boolean).map((key) => `${key}: `)}
                {subscription.events.map((event) => eventText(event, t, m)).join(', ')}
              </Text>
            ))
          )}
          <Group gap="sm" mt={4}>
            {health.lastSuccessAt !== null && (
              <Text size="xs" c="dimmed">
                {t.deliveryStates.delivered} <RelativeTime at={health.lastSuccessAt} />
              </Text>
            )}
            {health.waiting > 0 && (
              <Anchor component="button" type="button" size="xs" onClick={() => onOpenLog(item.id, 'pending')}>
                {t.waiting(health.waiting)}
              </Anchor>
            )}
            {health.dead > 0 && (
              <>
                <Anchor component="button" type="button" size="xs" c="light-dark(#b42318, #ff9b8f)" onClick={() => onOpenLog(item.id, 'dead')}>
                  {t.dead(health.dead)}
                </Anchor>
                <Button
                  size="compact-xs"
                  variant="light"
                  loading={resendAll.isPending}
                  onClick={() => resendAll.mutate(item.id, { onSuccess: ({ count }) => showDone(t.resent(count), m), onError: failed })}
                >
                  {t.resendAll}
                </Button>
              </>
            )}
          </Group>
        </div>
      </Group>
      <Group gap={4}>
        <Button size="compact-sm" variant="default" loading={test.isPending} onClick={send}>
          {t.test}
        </Button>
        <Button size="compact-sm" variant="subtle" disabled={!mayTell} onClick={onEdit}>
          {m.common.edit}
        </Button>
        <Button size="compact-sm" variant="subtle" color="red" loading={remove.isPending} onClick={() => void ask()}>
          {t.remove}
        </Button>
      </Group>
    </Group>
  )
}
