import { Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLanguage } from '@/shared/i18n/messages'
import { ErrorState } from '@/shared/components/ErrorState'
import type { Scope } from '@/shared/project/scope'
import { powerQuery, type ExperimentView } from '../api'
import { useMessages } from '../texts/messages'
import { percentText } from './numbers'

/** How long the plan takes with the people that come, and what it finds. */
export function PowerForecast({ scope, experiment }: { scope: Scope; experiment: ExperimentView }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const query = useQuery(powerQuery(scope, experiment))
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  }
  if (query.data === undefined) {
    return <Skeleton h={90} />
  }
  const { unitsPerDay, source, observedDays, plannedDays, metrics, ignoresAudience } = query.data
  const count = (value: number) => Math.round(value).toLocaleString(language)
  const share = (value: number | null) => (value === null ? '—' : percentText(value * 100, language))
  if (source === 'none') {
    return (
      <Text size="sm" c="dimmed">
        {x.powerNobody}
      </Text>
    )
  }
  return (
    <Stack gap="xs">
      <Text size="sm">
        {x.powerTraffic(count(unitsPerDay), x.days(Math.max(1, Math.round(observedDays))))} {ignoresAudience && x.powerAudience}
      </Text>
      <Table horizontalSpacing="xs" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{x.metric}</Table.Th>
            <Table.Th>{x.powerPeople}</Table.Th>
            <Table.Th>{x.powerDays}</Table.Th>
            <Table.Th>{x.powerFinds(x.days(plannedDays))}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {metrics.map(({ metric, baseline, minimumEffect, unitsNeeded, daysNeeded, detectableEffect }) => (
            <Table.Tr key={metric}>
              <Table.Td>
                <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
                  {experiment.metrics.find(({ key }) => key === metric)?.name ?? metric}
                </Text>
                <Text size="xs" c="dimmed">
                  {baseline === null ? x.powerUnknown : minimumEffect === null ? x.powerNoEffect : `${x.minimumEffect}: ${share(minimumEffect)}`}
                </Text>
              </Table.Td>
              <Table.Td>{unitsNeeded === null ? '—' : count(unitsNeeded)}</Table.Td>
              <Table.Td>
                <Text size="sm" fw={daysNeeded !== null && daysNeeded > plannedDays ? 650 : undefined} c={daysNeeded !== null && daysNeeded > plannedDays ? 'orange' : undefined}>
                  {daysNeeded === null ? (unitsNeeded === null ? '—' : x.powerNever) : x.days(daysNeeded)}
                </Text>
              </Table.Td>
              <Table.Td>{share(detectableEffect)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  )
}
