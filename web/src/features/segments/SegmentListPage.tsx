import { Button, Group, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlus, IconSearch, IconUsersGroup } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { SegmentView } from '@/shared/api/types'
import { CopyKey } from '@/shared/components/CopyKey'
import { EmptyState } from '@/shared/components/EmptyState'
import { ListFrame } from '@/shared/components/ListFrame'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useStays } from '@/shared/components/useStays'
import { useMessages } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import type { Condition } from '@/shared/targeting/model'
import { Sentence } from '@/shared/targeting/SentenceView'
import { segmentListQuery } from './api/segments'
import { CreateSegmentDialog } from './CreateSegmentDialog'

const route = getRouteApi('/signedIn/p/$org/$project/segments')

export function SegmentListPage() {
  const m = useMessages()
  const scope = route.useParams()
  const { search } = route.useSearch()
  const navigate = route.useNavigate()
  const stays = useStays()
  const canManage = useCan('segment.manage', scope)
  const [text, setText] = useState(search ?? '')
  const [creating, setCreating] = useState(false)
  const list = useInfiniteQuery(segmentListQuery(scope, search))
  const commit = useDebouncedCallback(
    (value: string) => {
      if (stays()) {
        void navigate({ search: (previous) => ({ ...previous, search: value || undefined }), replace: true })
      }
    },
    200,
  )
  const segments = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Group justify="space-between" mb="md" wrap="nowrap">
        <Group gap="sm" align="baseline">
          <Title order={1} size="h3">
            {m.segments.title}
          </Title>
          {total !== undefined && (
            <Text c="dimmed" size="sm">
              {m.segments.count(total)}
            </Text>
          )}
        </Group>
        {canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
            {m.segments.create}
          </Button>
        )}
      </Group>
      <TextInput
        type="search"
        maw={420}
        mb="md"
        aria-label={m.segments.searchPlaceholder}
        placeholder={m.segments.searchPlaceholder}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          commit(event.currentTarget.value)
        }}
      />
      <ListFrame
        query={list}
        count={segments.length}
        loading={<LoadingRows rows={3} height={40} />}
        nothingFound={search !== undefined ? m.segments.nothingFound : undefined}
        empty={
          <EmptyState icon={IconUsersGroup} title={m.segments.emptyTitle} text={m.segments.emptyText}>
            {canManage && (
              <Button mt="sm" onClick={() => setCreating(true)}>
                {m.segments.create}
              </Button>
            )}
          </EmptyState>
        }
      >
        <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{m.common.name}</Table.Th>
              <Table.Th visibleFrom="sm" w="40%">
                {m.segments.columnWho}
              </Table.Th>
              <Table.Th visibleFrom="md" w={150}>
                {m.segments.columnUsed}
              </Table.Th>
              <Table.Th visibleFrom="md" w={150}>
                {m.flags.columnUpdated}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {segments.map((segment) => (
              <SegmentRow key={segment.key} scope={scope} segment={segment} />
            ))}
          </Table.Tbody>
        </Table>
      </ListFrame>
      {creating && (
        <CreateSegmentDialog
          scope={scope}
          onClose={() => setCreating(false)}
          onCreated={(segment) => void navigate({ to: '/p/$org/$project/segments/$segment', params: { ...scope, segment } })}
        />
      )}
    </div>
  )
}

function SegmentRow({ scope, segment }: { scope: Scope; segment: SegmentView }) {
  const m = useMessages()
  const recent = useRecentChange('segment', segment.key)
  return (
    <Table.Tr className={recent ? 'just-changed' : undefined}>
      <Table.Td>
        <Text
          component={Link}
          to="/p/$org/$project/segments/$segment"
          params={{ ...scope, segment: segment.key } as never}
          fw={600}
          size="sm"
          c="var(--mantine-color-text)"
          truncate
          display="block"
        >
          {segment.name || segment.key}
        </Text>
        <CopyKey value={segment.key} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {segment.if !== null && (
          <Text size="sm" component="div" lineClamp={2}>
            <Sentence condition={segment.if as Condition} />
          </Text>
        )}
        {(segment.includedCount > 0 || segment.excludedCount > 0) && (
          <Text size="xs" c="dimmed">
            {segment.includedCount > 0 && `+ ${m.segments.keys(segment.includedCount)} `}
            {segment.excludedCount > 0 && `− ${m.segments.keys(segment.excludedCount)}`}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="sm" c={segment.usedBy.flags.length === 0 ? 'dimmed' : undefined}>
          {m.segments.flags(segment.usedBy.flags.length)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="xs" component="div">
          <RelativeTime at={segment.updatedAt} />
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {segment.updatedBy?.name}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
