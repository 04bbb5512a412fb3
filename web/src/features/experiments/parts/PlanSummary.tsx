import { Badge, Group, Stack, Table, Text } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import type { ExperimentView } from '../api'
import { useMessages } from '../texts/messages'
import { percentText } from './numbers'

const colors = { primary: 'brand', secondary: 'gray', guardrail: 'orange' }

/** How an experiment is judged: its metrics by role, and the rules. */
export function PlanSummary({ experiment }: { experiment: ExperimentView }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const { plan, metrics } = experiment
  const share = (value: number | null | undefined) => (value === null || value === undefined ? '—' : percentText(value * 100, language))
  const days = plan.lookDays ?? []
  return (
    <Stack gap="sm">
      {(plan.metrics ?? []).length === 0 ? (
        <Text size="sm" c="dimmed">
          {x.noMetrics}
        </Text>
      ) : (
        <Table horizontalSpacing="xs" verticalSpacing={6} layout="auto">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{x.metric}</Table.Th>
              <Table.Th>{x.role}</Table.Th>
              <Table.Th visibleFrom="sm">{x.minimumEffect}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(plan.metrics ?? []).map(({ metric, role, minimumEffect, margin }) => {
              const known = metrics.find(({ key }) => key === metric)
              return (
                <Table.Tr key={metric}>
                  <Table.Td>
                    <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
                      {known?.name ?? metric}
                    </Text>
                    {known !== undefined && (
                      <Text size="xs" c="dimmed">
                        {x.kinds[known.definition.kind]} · {known.definition.event} · {x.direction} {x.directions[known.definition.direction ?? 'increase']}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Badge size="sm" variant="light" tt="none" color={colors[role]}>
                      {x.roles[role]}
                    </Badge>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Text size="sm">{role === 'guardrail' ? `${x.margin} ${share(margin ?? 0)}` : share(minimumEffect)}</Text>
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      )}
      <Group gap="lg">
        <Rule name={x.method}>{x.methods[plan.method ?? 'fixed']}</Rule>
        <Rule name={x.alpha}>{share(plan.alpha)}</Rule>
        <Rule name={x.power}>{share(plan.power)}</Rule>
        <Rule name={x.looks}>{days.length === 0 ? x.noLooks : days.join(', ')}</Rule>
        <Rule name={x.minimumDays}>{x.days(plan.minimumDays ?? 0)}</Rule>
        {(plan.dimensions ?? []).length > 0 && <Rule name={x.dimensions}>{(plan.dimensions ?? []).map((name) => (name === plan.stratifyBy ? `${name} (${x.stratum})` : name)).join(', ')}</Rule>}
        <Rule name="CUPED">{plan.cuped === true ? `${x.cupedDays}: ${plan.cupedDays}` : '—'}</Rule>
      </Group>
    </Stack>
  )
}

function Rule({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm">{children}</Text>
    </div>
  )
}
