import { Anchor, Code, Paper, Skeleton, Table, Text } from '@mantine/core'
import { IconQuestionMark } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { unknownFlagsQuery, type UnknownFlagView } from './api'
import { useAnalyticsTexts } from './texts/useAnalyticsTexts'

/** Flags that applications ask for and that are not there, with what became of them. */
export function UnknownFlags({ scope, environment }: { scope: Scope; environment: string }) {
  const t = useAnalyticsTexts()
  const { language } = useLanguage()
  const { data, error, refetch } = useQuery(unknownFlagsQuery(scope, environment))
  const number = new Intl.NumberFormat(language)
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton h={240} />
  }
  if (data.items.length === 0) {
    return (
      <Paper className="surface">
        <EmptyState icon={IconQuestionMark} title={t.unknownEmptyTitle} text={t.unknownEmptyText} />
      </Paper>
    )
  }
  return (
    <>
      <Text size="sm" c="dimmed" maw={760}>
        {t.unknownText}
      </Text>
      <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.unknown}>
        <Table aria-label={t.unknown} miw={620}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.flag}</Table.Th>
              <Table.Th>{t.cause}</Table.Th>
              <Table.Th ta="right">{t.asked}</Table.Th>
              <Table.Th>{t.lastAsked}</Table.Th>
              <Table.Th>{t.sdk}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map((row) => (
              <Table.Tr key={row.flag}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <Code>{row.flag}</Code>
                </Table.Td>
                <Table.Td>
                  <Cause scope={scope} row={row} />
                </Table.Td>
                <Table.Td ta="right">{number.format(row.count)}</Table.Td>
                <Table.Td>
                  <RelativeTime at={row.lastAt} />
                </Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.sdk === 'remote' ? t.remote : (row.sdk ?? '–')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </>
  )
}

function Cause({ scope, row }: { scope: Scope; row: UnknownFlagView }) {
  const t = useAnalyticsTexts()
  const link = row.similar ?? (row.cause === 'archived' ? row.flag : null)
  return (
    <Text size="sm" component="span">
      {row.similar === null && t.causes[row.cause]}
      {row.cause === 'archived' && ' '}
      {link !== null && (
        <Anchor component={Link} size="sm" to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: link } as never}>
          {row.similar === null ? link : t.meant(row.similar)}
        </Anchor>
      )}
    </Text>
  )
}
