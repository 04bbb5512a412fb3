import { ActionIcon, Badge, Button, Checkbox, Group, Menu, Skeleton, Stack, Table, Text, TextInput, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArchive, IconArrowBackUp, IconDots, IconPencil, IconPlus, IconRulerMeasure, IconSearch, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { EmptyState } from '@/shared/components/EmptyState'
import { ListFrame } from '@/shared/components/ListFrame'
import { showDone, showError } from '@/shared/components/feedback'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { metricsQuery, useMetricActions, type MetricView } from './api'
import { MetricDialog } from './MetricDialog'
import { SectionTabs } from './parts/SectionTabs'
import { useMessages } from './texts/messages'

const route = getRouteApi('/signedIn/p/$org/$project/metrics')

/** The catalogue of metrics. */
export function MetricsPage() {
  const m = useMessages()
  const { x } = m
  const scope = route.useParams()
  const canManage = useCan('experiment.manage', scope)
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 200)
  const [archived, setArchived] = useState(false)
  const [open, setOpen] = useState<MetricView | 'new' | null>(null)
  const list = useInfiniteQuery(metricsQuery(scope, search, archived))
  const metrics = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total
  const create = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpen('new')}>
      {x.newMetric}
    </Button>
  )
  return (
    <Stack p="md" maw={1280}>
      <SectionTabs scope={scope} title={x.metrics} subtitle={x.metricsSubtitle} count={total === undefined ? undefined : x.metricCount(total)}>
        {canManage && create}
      </SectionTabs>
      <Group>
        <TextInput type="search" flex="1 1 220px" maw={420} aria-label={x.searchMetrics} placeholder={x.searchMetrics} leftSection={<IconSearch size={16} aria-hidden />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Checkbox label={x.archivedOnes} checked={archived} onChange={(event) => setArchived(event.currentTarget.checked)} />
      </Group>
      <ListFrame
        query={list}
        count={metrics.length}
        loading={<Skeleton height={160} />}
        nothingFound={search !== '' || archived ? x.nothingFound : undefined}
        empty={
          <EmptyState icon={IconRulerMeasure} title={x.noMetricsTitle} text={x.noMetricsText}>
            {canManage && create}
          </EmptyState>
        }
      >
        <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{x.metric}</Table.Th>
              <Table.Th visibleFrom="sm" w="30%">
                {x.kind}
              </Table.Th>
              <Table.Th visibleFrom="md" w={170}>
                {x.owner}
              </Table.Th>
              <Table.Th visibleFrom="md" w={170}>
                {x.experiments}
              </Table.Th>
              {canManage && (
                <Table.Th w={56}>
                  <VisuallyHidden>{x.more}</VisuallyHidden>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {metrics.map((metric) => (
              <Row key={metric.key} scope={scope} metric={metric} canManage={canManage} onOpen={() => setOpen(metric)} />
            ))}
          </Table.Tbody>
        </Table>
      </ListFrame>
      {open !== null && <MetricDialog scope={scope} metric={open === 'new' ? undefined : open} onClose={() => setOpen(null)} />}
    </Stack>
  )
}

function Row({ scope, metric, canManage, onOpen }: { scope: Scope; metric: MetricView; canManage: boolean; onOpen: () => void }) {
  const m = useMessages()
  const { x } = m
  const confirm = useConfirm()
  const { update, remove } = useMetricActions(scope)
  const { definition } = metric
  const onError = (error: unknown) => showError(x.saveFailed, error, m)
  const drop = async () => {
    if (await confirm({ title: x.deleteTitle(metric.name), text: x.deleteText, confirm: x.delete, danger: true })) {
      remove.mutate(metric.key, { onSuccess: () => showDone(x.deleted(metric.name), m), onError })
    }
  }
  const isArchived = metric.archivedAt !== null
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          {canManage ? (
            <UnstyledButton onClick={onOpen} style={{ minWidth: 0 }}>
              <Text fw={600} size="sm" truncate>
                {metric.name}
              </Text>
            </UnstyledButton>
          ) : (
            <Text fw={600} size="sm" truncate>
              {metric.name}
            </Text>
          )}
          {isArchived && (
            <Badge size="sm" variant="light" color="gray" tt="none">
              {x.states.archived}
            </Badge>
          )}
        </Group>
        <CopyKey value={metric.key} />
        {metric.description !== '' && (
          <Text size="xs" c="dimmed" lineClamp={2}>
            {metric.description}
          </Text>
        )}
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {x.kinds[definition.kind]} · {definition.event}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">
          {x.kinds[definition.kind]} · {x.directions[definition.direction ?? 'increase']}
        </Text>
        <Text size="xs" c="dimmed" className="mono" truncate>
          {definition.event}
          {definition.denominator ? ` / ${definition.denominator.event}` : ''}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="sm" truncate>
          {metric.owner?.name ?? x.nobody}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="sm" c={metric.experiments === 0 ? 'dimmed' : undefined}>
          {metric.experiments === 0 ? x.unused : x.used(metric.experiments)}
        </Text>
      </Table.Td>
      {canManage && (
        <Table.Td>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`${x.more}: ${metric.name}`}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onOpen}>
                {x.editMetric}
              </Menu.Item>
              <Menu.Item leftSection={isArchived ? <IconArrowBackUp size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />} onClick={() => update.mutate({ key: metric.key, body: { archived: !isArchived } }, { onSuccess: () => showDone(isArchived ? x.restored : x.archived, m), onError })}>
                {isArchived ? x.restore : x.archive}
              </Menu.Item>
              {metric.experiments === 0 && (
                <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void drop()}>
                  {x.delete}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </Table.Td>
      )}
    </Table.Tr>
  )
}
