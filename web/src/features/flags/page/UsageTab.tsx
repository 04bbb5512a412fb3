import { Group, Paper, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { ColumnChart, type ChartSeries } from '@/shared/components/ColumnChart'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { LifecycleBadge } from '@/shared/components/LifecycleBadge'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage, useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'

type Span = 'day' | 'week' | 'month'
const days: Record<Span, number> = { day: 1, week: 7, month: 30 }

/** What a flag gave in an environment, by variant and reason. */
const flagUsageQuery = ({ org, project }: Scope, flag: string, environment: string, span: Span) =>
  queryOptions({
    queryKey: ['usage', org, project, 'flag', flag, environment, span],
    queryFn: () =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/flags/{flag}/usage', {
          params: {
            path: { org, project, flag },
            query: {
              environment,
              step: span === 'month' ? 'day' : 'hour',
              from: span === 'day' ? undefined : new Date(Date.now() - (days[span] - (span === 'month' ? 1 : 0)) * 86_400_000).toISOString(),
            },
          },
        }),
      ),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })

export default function UsageTab({ scope, flag, environment }: { scope: Scope; flag: FlagView; environment: EnvironmentView }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [span, setSpan] = useState<Span>('day')
  const usage = useQuery(flagUsageQuery(scope, flag.key, environment.key, span))
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })

  if (usage.data === undefined) {
    return usage.isError ? <ErrorState error={usage.error} onRetry={() => void usage.refetch()} /> : <Skeleton h={320} />
  }
  const { data } = usage
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="sm">
          <LifecycleBadge lifecycle={flag.lifecycle} />
          <Text size="sm" c="dimmed">
            {data.lastEvaluatedAt === null ? (
              m.usage.never
            ) : (
              <>
                {m.usage.last} <RelativeTime at={data.lastEvaluatedAt} />
              </>
            )}
          </Text>
        </Group>
        <SegmentedControl
          size="xs"
          aria-label={m.usage.span}
          value={span}
          onChange={(value) => setSpan(value as Span)}
          data={(['day', 'week', 'month'] as const).map((value) => ({ value, label: m.usage[value] }))}
        />
      </Group>
      {data.firstEvaluatedAt === null ? (
        <Paper className="surface">
          <EmptyState icon={IconChartBar} title={m.usage.emptyTitle(environment.name)} text={m.usage.emptyText} />
        </Paper>
      ) : (
        <>
          <Paper className="surface" p="md">
            <Title order={2} size="h5" mb="sm">
              {m.usage.byVariant(environment.name)}
            </Title>
            <ColumnChart label={m.usage.byVariant(environment.name)} from={data.from} stepHours={data.step === 'day' ? 24 : 1} series={byVariant(data.series, flag, data.steps, m)} />
          </Paper>
          <Paper className="surface" style={{ overflowX: 'auto' }}>
            <Table aria-label={m.usage.byReason}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{m.usage.variant}</Table.Th>
                  <Table.Th>{m.usage.reason}</Table.Th>
                  <Table.Th ta="right">{m.usage.count}</Table.Th>
                  <Table.Th ta="right">{m.usage.share}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.series.map((row) => (
                  <Table.Tr key={`${row.variant} ${row.reason}`}>
                    <Table.Td>{variantText(row.variant, m)}</Table.Td>
                    <Table.Td>{m.usage.reasons[row.reason as keyof Messages['usage']['reasons']] ?? row.reason}</Table.Td>
                    <Table.Td ta="right">{number.format(row.total)}</Table.Td>
                    <Table.Td ta="right">{percent.format(data.total === 0 ? 0 : row.total / data.total)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Paper>
        </>
      )}
    </Stack>
  )
}

const variantText = (variant: string | null, m: Messages) => (variant === null ? m.usage.noVariant : variant === '*' ? m.usage.unknownVariant : variant)

function byVariant(series: { variant: string | null; counts: number[] }[], flag: FlagView, steps: number, m: Messages): ChartSeries[] {
  const sums = new Map<string | null, number[]>()
  for (const { variant, counts } of series) {
    const sum = sums.get(variant) ?? Array.from({ length: steps }, () => 0)
    counts.forEach((count, step) => (sum[step] = (sum[step] ?? 0) + count))
    sums.set(variant, sum)
  }
  return [...sums].map(([variant, counts]) => ({
    key: variant ?? '',
    label: variantText(variant, m),
    color: variantColor(flag.variants.findIndex(({ key }) => key === variant)),
    counts,
  }))
}
