import { Badge, Group, Paper, Progress, Skeleton, Table, Text } from '@mantine/core'
import { IconCircleCheck, IconHeartbeat } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { boardQuery, type HealthRowView } from '@/shared/health/api'
import { HealthBadge } from '@/shared/health/HealthBadge'
import { HowToReport } from '@/shared/health/HowToReport'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useLanguage } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'

/** All flags that have or had errors, the worst first, as it happens. */
export function Board({ scope, environment }: { scope: Scope; environment: string | undefined }) {
  const t = useHealthTexts()
  const board = useQuery(boardQuery(scope, environment))
  if (board.data === undefined) {
    return board.isError ? <ErrorState error={board.error} onRetry={() => void board.refetch()} /> : <Skeleton h={280} />
  }
  const { items, hasErrors, counted, openIncidents } = board.data
  if (!hasErrors && items.length === 0) {
    return (
      <Paper className="surface">
        {counted > 0 ? <EmptyState icon={IconCircleCheck} title={t.allWell} text={t.allWellText(counted)} /> : <EmptyState icon={IconHeartbeat} title={t.emptyTitle} text={t.emptyText} />}
        <HowToReport flag="new-checkout" />
      </Paper>
    )
  }
  const states = (['failing', 'disabled', 'trial', 'degraded', 'healthy'] as const).map((state) => ({ state, count: items.filter((item) => item.state === state).length })).filter(({ count }) => count > 0)
  return (
    <>
      <Group gap="xs">
        {states.map(({ state, count }) => (
          <Badge key={state} variant="default" tt="none" size="lg" leftSection={<b>{count}</b>}>
            {t.states[state]}
          </Badge>
        ))}
        {openIncidents > 0 && (
          <Badge component={Link} to="/p/$org/$project/health" params={scope as never} search={{ view: 'incidents' } as never} color="red" variant="light" tt="none" size="lg" style={{ cursor: 'pointer' }}>
            {t.openIncidents(openIncidents)}
          </Badge>
        )}
      </Group>
      <Paper className="surface" style={{ overflowX: 'auto' }}>
        <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t.views.board}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th miw={140}>{t.flag}</Table.Th>
              <Table.Th miw={130}>{t.state}</Table.Th>
              <Table.Th miw={170}>{t.rate}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">{t.numbers}</Table.Th>
              <Table.Th visibleFrom="sm">{t.lastError}</Table.Th>
              <Table.Th>{t.incident}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Row key={`${item.flag} ${item.environment}`} scope={scope} item={item} />
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </>
  )
}

function Row({ scope, item }: { scope: Scope; item: HealthRowView }) {
  const t = useHealthTexts()
  const { language } = useLanguage()
  const { environments } = useEnvironments()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  const place = environments.find(({ key }) => key === item.environment)
  const share = item.maxErrorRate === null ? (item.maxErrors === null ? 0 : item.errors / item.maxErrors) : item.errorRate / item.maxErrorRate
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <Text
          component={Link}
          to="/p/$org/$project/flags/$flag"
          params={{ ...scope, flag: item.flag } as never}
          search={{ tab: 'health', env: item.environment } as never}
          size="sm"
          fw={600}
          c="var(--mantine-color-anchor)"
          display="block"
          style={{ overflowWrap: 'anywhere' }}
        >
          {item.name || item.flag}
        </Text>
        <Group gap={6} mt={2}>
          {place ? <EnvironmentMark environment={place} size="xs" /> : <Text size="xs">{item.environment}</Text>}
          {!item.isOn && <Text size="xs" c="dimmed">{t.off}</Text>}
        </Group>
      </Table.Td>
      <Table.Td>
        <HealthBadge state={item.state} />
        {item.since !== null && item.state !== 'healthy' && (
          <Text size="xs" c="dimmed">
            <RelativeTime at={item.since} />
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          {item.maxErrorRate === null ? percent.format(item.errorRate) : t.rateOf(percent.format(item.errorRate), percent.format(item.maxErrorRate))}
        </Text>
        <Progress value={Math.min(100, share * 100)} size="sm" color={share > 1 ? 'red' : share >= 0.5 ? 'yellow' : 'teal'} aria-label={t.rate} />
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {item.evaluations === 0 ? '–' : `${number.format(item.errors)} / ${number.format(item.evaluations)}`}
      </Table.Td>
      <Table.Td visibleFrom="sm">{item.lastErrorAt === null ? t.never : <RelativeTime at={item.lastErrorAt} />}</Table.Td>
      <Table.Td>
        {item.incident !== null && (
          <Text component={Link} to="/p/$org/$project/incidents/$number" params={{ ...scope, number: String(item.incident) } as never} size="sm" c="var(--mantine-color-anchor)" style={{ whiteSpace: 'nowrap' }}>
            {t.incidentNumber(item.incident)}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
