import { Group, Paper, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { ColumnChart, type ChartSeries } from '@/shared/components/ColumnChart'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { LifecycleBadge } from '@/shared/components/LifecycleBadge'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage, useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'

const ranges = ['1h', '24h', '7d', '30d'] as const
type Range = (typeof ranges)[number]

/** What a flag gave in an environment, by variant and reason, to how many people, and how that ended. New figures are told live. */
const flagAnalyticsQuery = (scope: Scope, flag: string, environment: string, range: Range) =>
  queryOptions({
    queryKey: ['analytics', scope.org, scope.project, environment, range, flag],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/flags/{flag}/analytics', { params: { path: { ...scope, flag }, query: { environment, range } }, signal })),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })

export default function UsageTab({ scope, flag, environment }: { scope: Scope; flag: FlagView; environment: EnvironmentView }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [range, setRange] = useState<Range>('24h')
  const usage = useQuery(flagAnalyticsQuery(scope, flag.key, environment.key, range))
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
          value={range}
          onChange={(value) => setRange(value as Range)}
          data={ranges.map((value) => ({ value, label: m.usage.ranges[value] }))}
        />
      </Group>
      {data.firstEvaluatedAt === null ? (
        <Paper className="surface">
          <EmptyState icon={IconChartBar} title={m.usage.emptyTitle(environment.name)} text={m.usage.emptyText} />
        </Paper>
      ) : (
        <>
          <Variants data={data} />
          <Paper className="surface" p="md">
            <Title order={2} size="h5" mb="sm">
              {m.usage.byVariant(environment.name)}
            </Title>
            <ColumnChart label={m.usage.byVariant(environment.name)} from={data.from} stepHours={data.stepSeconds / 3_600} series={byVariant(data.series, flag, data.steps, m)} />
          </Paper>
          <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={m.usage.byReason}>
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

/** How often each variant was served, and how that ended. */
function Variants({ data }: { data: components['schemas']['FlagAnalyticsView'] }) {
  const m = useMessages()
  const { language } = useLanguage()
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const rate = (share: number | null) => (share === null ? '–' : percent.format(share))
  const rows = data.variants.filter(({ variant, total }) => total > 0 || (variant !== null && variant !== '*'))
  return (
    <>
      <Text size="sm">
        <b>{m.usage.evaluations(data.total)}</b> · <b>{m.usage.users(data.users)}</b>
        {data.outcomes.successRate !== null && (
          <>
            {' '}
            · <b>{m.usage.successful(percent.format(data.outcomes.successRate))}</b>
          </>
        )}
      </Text>
      <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={m.usage.byVariantTable}>
        <Table aria-label={m.usage.byVariantTable} miw={460}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{m.usage.variant}</Table.Th>
              <Table.Th ta="right">{m.usage.count}</Table.Th>
              <Table.Th ta="right">{m.usage.share}</Table.Th>
              <Table.Th ta="right">{m.usage.feedback}</Table.Th>
              <Table.Th ta="right">{m.usage.rate}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ variant, total, outcomes }) => (
              <Table.Tr key={variant ?? ''}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{variantText(variant, m)}</Table.Td>
                <Table.Td ta="right">{number.format(total)}</Table.Td>
                <Table.Td ta="right">{percent.format(data.total === 0 ? 0 : total / data.total)}</Table.Td>
                <Table.Td ta="right">{number.format(outcomes.successes + outcomes.failures + outcomes.errors)}</Table.Td>
                <Table.Td ta="right">{rate(outcomes.successRate)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </>
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
