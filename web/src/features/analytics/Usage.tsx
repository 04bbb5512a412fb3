import { Anchor, Paper, SimpleGrid, Skeleton, Table, Text, Title } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { ColumnChart } from '@/shared/components/ColumnChart'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useLanguage, useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { analyticsQuery, type AnalyticsView } from './api'
import { useAnalyticsTexts } from './texts/useAnalyticsTexts'

/** The same reason has the same colour, whatever else there is. */
const colors: Record<string, string> = {
  STATIC: 'var(--mantine-color-indigo-6)',
  DEFAULT: 'var(--mantine-color-blue-4)',
  TARGETING_MATCH: 'var(--mantine-color-teal-6)',
  SPLIT: 'var(--mantine-color-violet-5)',
  DISABLED: 'var(--mantine-color-gray-5)',
  PREREQUISITE_FAILED: 'var(--mantine-color-orange-5)',
  ERROR: 'var(--mantine-color-red-6)',
}

/** Figures of an environment, its evaluations over time, and its flags. */
export function Usage({ scope, environment, range }: { scope: Scope; environment: EnvironmentView; range: string }) {
  const m = useMessages()
  const t = useAnalyticsTexts()
  const { data, error, refetch } = useQuery(analyticsQuery(scope, environment.key, range))
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton h={420} />
  }
  return (
    <>
      <Figures data={data} scope={scope} />
      {data.total === 0 && data.flags.length === 0 ? (
        <Paper className="surface">
          <EmptyState icon={IconChartBar} title={t.emptyTitle(environment.name)} text={t.emptyText} />
        </Paper>
      ) : (
        <>
          <Paper className="surface" p="md">
            <Title order={2} size="h5" mb="sm">
              {t.chart(environment.name)}
            </Title>
            <ColumnChart
              label={t.chart(environment.name)}
              from={data.from}
              stepHours={data.stepSeconds / 3_600}
              series={data.reasons.map(({ reason, counts }) => ({
                key: reason,
                label: m.usage.reasons[reason as keyof Messages['usage']['reasons']] ?? reason,
                color: colors[reason] ?? 'var(--mantine-color-gray-7)',
                counts,
              }))}
            />
          </Paper>
          <Flags data={data} scope={scope} />
        </>
      )}
    </>
  )
}

function Figures({ data, scope }: { data: AnalyticsView; scope: Scope }) {
  const t = useAnalyticsTexts()
  const { compact, percent, change } = useNumbers()
  const { outcomes, states } = data
  const told = outcomes.successes + outcomes.failures + outcomes.errors
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      <Figure title={t.evaluations} value={compact.format(data.total)} hint={data.before === 0 ? t.noBefore : t.change(change(data.total, data.before))} />
      <Figure title={t.users} help={t.usersHelp} value={`${data.users > 1_000 ? '≈ ' : ''}${compact.format(data.users)}`} />
      <Figure
        title={t.successRate}
        help={t.successHelp}
        value={outcomes.successRate === null ? '–' : percent.format(outcomes.successRate)}
        hint={told === 0 ? t.noFeedback : t.feedback(told)}
      />
      <Figure title={t.flags} value={t.flagsOn(states.enabled)} hint={t.flagsOff(states.disabled, states.killed)} />
      <Figure
        title={t.unknown}
        value={
          data.unknownFlags === 0 ? (
            '0'
          ) : (
            <Anchor component={Link} inherit to="/p/$org/$project/analytics" params={scope as never} search={((previous: object) => ({ ...previous, view: 'unknown' })) as never}>
              {data.unknownFlags}
            </Anchor>
          )
        }
        hint={data.unknownFlags === 0 ? t.unknownNone : t.unknownSome}
      />
    </SimpleGrid>
  )
}

function Figure({ title, value, hint, help }: { title: string; value: ReactNode; hint?: string; help?: string }) {
  return (
    <Paper className="surface" p="sm" component="section" aria-label={title} title={help}>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <Text component="div" fz="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
      <Text size="xs" c="dimmed" mih="1lh">
        {hint}
      </Text>
    </Paper>
  )
}

function Flags({ data, scope }: { data: AnalyticsView; scope: Scope }) {
  const t = useAnalyticsTexts()
  const { number, percent, change } = useNumbers()
  const most = Math.max(1, ...data.flags.map(({ total }) => total))
  return (
    <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.byFlag}>
      <Title order={2} size="h5" p="md" pb={4}>
        {t.byFlag}
      </Title>
      <Table aria-label={t.byFlag} miw={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.flag}</Table.Th>
            <Table.Th w="22%">{t.share}</Table.Th>
            <Table.Th ta="right">{t.evaluations}</Table.Th>
            <Table.Th ta="right">{t.trend}</Table.Th>
            <Table.Th ta="right">{t.users}</Table.Th>
            <Table.Th ta="right">{t.rate}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.flags.map((flag) => (
            <Table.Tr key={flag.key}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                <Anchor component={Link} size="sm" to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: flag.key } as never} search={{ tab: 'usage' } as never}>
                  {flag.key}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <div aria-hidden style={{ height: 8, borderRadius: 4, width: `${Math.max(1, (flag.total / most) * 100)}%`, background: 'var(--mantine-primary-color-filled)', opacity: 0.75 }} />
              </Table.Td>
              <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {number.format(flag.total)}
              </Table.Td>
              <Table.Td ta="right" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {flag.before === 0 ? '–' : change(flag.total, flag.before)}
              </Table.Td>
              <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {flag.users === 0 ? '–' : number.format(flag.users)}
              </Table.Td>
              <Table.Td ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
                {flag.outcomes.successRate === null ? '–' : percent.format(flag.outcomes.successRate)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}

function useNumbers() {
  const { language } = useLanguage()
  const signed = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' })
  return {
    number: new Intl.NumberFormat(language),
    compact: new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }),
    change: (now: number, before: number) => signed.format(now / before - 1),
  }
}
