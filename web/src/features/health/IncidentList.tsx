import { Badge, Button, Group, Paper, SegmentedControl, Skeleton, Table, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { incidentsQuery } from '@/shared/health/api'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { secondsText } from './duration'

/** Incidents of a project, the newest first. */
export function IncidentList({ scope }: { scope: Scope }) {
  const t = useHealthTexts()
  const { language } = useLanguage()
  const [which, setWhich] = useState<'open' | 'all'>('all')
  const list = useInfiniteQuery(incidentsQuery(scope, which === 'open' ? 'open' : undefined))
  if (list.data === undefined) {
    return list.isError ? <ErrorState error={list.error} onRetry={() => void list.refetch()} /> : <Skeleton h={240} />
  }
  const items = list.data.pages.flatMap((page) => page.items)
  return (
    <>
      <Group>
        <SegmentedControl size="xs" aria-label={t.view} value={which} onChange={(value) => setWhich(value as 'open')} data={(['all', 'open'] as const).map((value) => ({ value, label: t[value] }))} />
      </Group>
      <Paper className="surface" style={{ overflowX: 'auto' }}>
        {items.length === 0 ? (
          <EmptyState icon={IconCircleCheck} title={t.noIncidents} text={t.noIncidentsText} />
        ) : (
          <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t.views.incidents}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.incident}</Table.Th>
                <Table.Th visibleFrom="sm">{t.cause}</Table.Th>
                <Table.Th>{t.done}</Table.Th>
                <Table.Th>{t.lasted}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.number}>
                  <Table.Td>
                    <Text component={Link} to="/p/$org/$project/incidents/$number" params={{ ...scope, number: String(item.number) } as never} size="sm" fw={600} c="var(--mantine-color-anchor)" style={{ overflowWrap: 'anywhere' }}>
                      {item.number}. {item.flag}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {item.environment} · <RelativeTime at={item.openedAt} />
                    </Text>
                  </Table.Td>
                  <Table.Td visibleFrom="sm" maw={420}>
                    <Text size="sm">{t.rules[item.cause.rule]}</Text>
                    <Text size="xs" c="dimmed">
                      {t.causeText(String(item.cause.errors), String(item.cause.evaluations), new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(item.cause.errorRate), item.cause.seconds)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={item.measure === 'disable' ? 'red' : 'gray'} tt="none">
                      {t.measures[item.measure]}
                    </Badge>
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {item.resolvedAt === null ? (
                      <Badge variant="filled" color="red.9" tt="none">
                        {t.ongoing}
                      </Badge>
                    ) : (
                      secondsText((Date.parse(item.resolvedAt) - Date.parse(item.openedAt)) / 1000, language)
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Paper>
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} style={{ alignSelf: 'center' }}>
          {t.more}
        </Button>
      )}
    </>
  )
}
