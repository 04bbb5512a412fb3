import { Button, Group, Paper, SegmentedControl, Skeleton, Table, Text } from '@mantine/core'
import { IconDownload, IconHeartbeat } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showError } from '@/shared/components/feedback'
import { downloadReport, reportQuery } from '@/shared/health/api'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { secondsText } from './duration'

/** How flags did over a time: the healthy part of it, incidents, and how long they took to be found and to be over. */
export function Report({ scope, environment }: { scope: Scope; environment: string | undefined }) {
  const m = useMessages()
  const t = useHealthTexts()
  const { language } = useLanguage()
  const [days, setDays] = useState<'7' | '30' | '90'>('30')
  const report = useQuery(reportQuery(scope, Number(days), environment))
  const download = useMutation({ mutationFn: () => downloadReport(scope, Number(days), environment), onError: (error) => showError(m.errors.title, error, m) })
  const percent = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 3 })
  const long = (seconds: number | null) => (seconds === null ? '–' : secondsText(seconds, language))
  return (
    <>
      <Group justify="space-between">
        <SegmentedControl size="xs" aria-label={t.span} value={days} onChange={(value) => setDays(value as '7')} data={(['7', '30', '90'] as const).map((value) => ({ value, label: t.spans[value] }))} />
        <Button variant="default" size="compact-md" leftSection={<IconDownload size={16} aria-hidden />} loading={download.isPending} onClick={() => download.mutate()}>
          {t.csv}
        </Button>
      </Group>
      {report.data === undefined ? (
        report.isError ? <ErrorState error={report.error} onRetry={() => void report.refetch()} /> : <Skeleton h={240} />
      ) : (
        <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.views.report}>
          {report.data.items.length === 0 ? (
            <EmptyState icon={IconHeartbeat} title={t.noReport} />
          ) : (
            <Table verticalSpacing="xs" horizontalSpacing="md" aria-label={t.views.report}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.flag}</Table.Th>
                  <Table.Th ta="right">{t.healthyShare}</Table.Th>
                  <Table.Th ta="right">{t.failing}</Table.Th>
                  <Table.Th ta="right">{t.switchedOff}</Table.Th>
                  <Table.Th ta="right">{t.incidents}</Table.Th>
                  <Table.Th ta="right">{t.detect}</Table.Th>
                  <Table.Th ta="right">{t.recover}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[report.data.total, ...report.data.items].map((row) => (
                  <Table.Tr key={`${row.flag} ${row.environment}`} fw={row.flag === '' ? 650 : undefined}>
                    <Table.Td style={{ overflowWrap: 'anywhere' }} miw={140}>
                      {row.flag === '' ? t.total : row.flag}
                      {row.environment !== '' && <Text size="xs" c="dimmed">{row.environment}</Text>}
                    </Table.Td>
                    <Table.Td ta="right">{percent.format(row.healthyShare)}</Table.Td>
                    <Table.Td ta="right">{row.failingSeconds === 0 ? '–' : long(row.failingSeconds)}</Table.Td>
                    <Table.Td ta="right">{row.disabledSeconds === 0 ? '–' : long(row.disabledSeconds)}</Table.Td>
                    <Table.Td ta="right">{row.incidents}</Table.Td>
                    <Table.Td ta="right">{long(row.detectSeconds)}</Table.Td>
                    <Table.Td ta="right">{long(row.recoverSeconds)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Paper>
      )}
    </>
  )
}
