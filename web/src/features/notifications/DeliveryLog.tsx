import { Badge, Button, Code, Group, Select, Skeleton, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { SideDialog } from '@/shared/components/SideDialog'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { deliveriesQuery, deliveryQuery, destinationsQuery, useDestinationActions, type DeliveryState, type LogFilter, type Place } from './api'
import { useTexts } from './texts/useTexts'

const states: DeliveryState[] = ['pending', 'delivered', 'dead']
const colors: Record<DeliveryState, string> = { pending: 'blue', delivered: 'teal', dead: 'red' }

type Props = { place: Place; filter: LogFilter; onFilter: (filter: LogFilter) => void }

/** What was sent and what became of it. */
export function DeliveryLog({ place, filter, onFilter }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { data: destinations = [] } = useQuery(destinationsQuery(place))
  const log = useInfiniteQuery(deliveriesQuery(place, filter))
  const { resend } = useDestinationActions(place)
  const [shown, setShown] = useState<string | null>(null)
  const items = log.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = filter.destination !== null || filter.state !== null
  const again = (id: string) => resend.mutate(id, { onSuccess: () => showDone(t.resent(1), m), onError: (error) => showError(m.errors.title, error, m) })
  return (
    <>
      <Group mb="sm">
        <Select
          aria-label={t.destination}
          placeholder={t.allDestinations}
          data={destinations.map(({ id, name }) => ({ value: id, label: name }))}
          value={filter.destination}
          clearable
          onChange={(destination) => onFilter({ ...filter, destination })}
        />
        <Select
          aria-label={t.state}
          placeholder={t.allStates}
          data={states.map((value) => ({ value, label: t.deliveryStates[value] }))}
          value={filter.state}
          clearable
          onChange={(state) => onFilter({ ...filter, state: state as DeliveryState | null })}
        />
      </Group>
      <div className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.tabLog}>
        {log.isError ? (
          <ErrorState error={log.error} onRetry={() => void log.refetch()} />
        ) : log.isPending ? (
          <Stack gap={10} p="md" role="status" aria-label={m.common.loading}>
            <Skeleton height={32} />
            <Skeleton height={32} />
            <Skeleton height={32} />
          </Stack>
        ) : items.length === 0 ? (
          <EmptyState icon={IconSend} title={filtered ? t.logNothing : t.logEmpty} text={filtered ? undefined : t.logEmptyText} />
        ) : (
          <Table verticalSpacing="xs" horizontalSpacing="md" miw={720}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.message}</Table.Th>
                <Table.Th>{t.destination}</Table.Th>
                <Table.Th>{t.state}</Table.Th>
                <Table.Th>{t.when}</Table.Th>
                <Table.Th w={170}>
                  <VisuallyHidden>{t.details}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td maw={380}>
                    <Text size="sm" lineClamp={2}>
                      {item.summary}
                    </Text>
                    {item.error !== null && item.state !== 'delivered' && (
                      <Text size="xs" c="light-dark(#b42318, #ff9b8f)" lineClamp={2}>
                        {item.error}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm">{item.destination}</Text>
                  </Table.Td>
                  <Table.Td>
                    <Badge size="sm" variant="light" color={colors[item.state]} tt="none">
                      {t.deliveryStates[item.state]}
                    </Badge>
                    {item.attempts > 1 && (
                      <Text size="xs" c="dimmed">
                        {t.attempts(item.attempts)}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm">
                      <RelativeTime at={item.createdAt} />
                    </Text>
                    {item.nextAttemptAt !== null && item.attempts > 0 && (
                      <Text size="xs" c="dimmed">
                        {t.next}: <RelativeTime at={item.nextAttemptAt} />
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      {item.state !== 'pending' && item.event !== 'test' && (
                        <Button size="compact-xs" variant="subtle" loading={resend.isPending && resend.variables === item.id} onClick={() => again(item.id)}>
                          {t.resend}
                        </Button>
                      )}
                      <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setShown(item.id)}>
                        {t.details}
                      </Button>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {log.hasNextPage && (
        <Group justify="center" mt="sm">
          <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t.more}
          </Button>
        </Group>
      )}
      <SideDialog
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title={<Text fw={650}>{t.deliveryTitle}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        {shown !== null && <DeliveryDetails place={place} id={shown} />}
      </SideDialog>
    </>
  )
}

function DeliveryDetails({ place, id }: { place: Place; id: string }) {
  const t = useTexts()
  const { data, isError, error, refetch } = useQuery(deliveryQuery(place, id))
  if (isError) {
    return <ErrorState error={error} onRetry={() => void refetch()} />
  }
  if (data === undefined) {
    return <Skeleton height={200} />
  }
  return (
    <Stack gap="sm">
      <Text size="sm">{data.summary}</Text>
      <Text size="sm" c="dimmed">
        {t.deliveryNumber}: <span className="mono">{data.id}</span>
      </Text>
      {(data.status !== null || data.error !== null) && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t.answer}: {[data.status, data.error, data.milliseconds !== null && `${data.milliseconds} ms`].filter(Boolean).join(' · ')}
        </Text>
      )}
      <Text size="sm" fw={600}>
        {t.body}
      </Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {pretty(data.body ?? '')}
      </Code>
    </Stack>
  )
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}
