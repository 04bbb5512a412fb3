import { Badge, Button, Code, Group, Paper, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import { numberText } from '@/shared/i18n/numbers'
import type { Chosen, EventsView, RecentEventView } from './events'
import { useEventsTexts } from './texts/useEventsTexts'

/** So much later than it happened that somebody may wonder. */
const late = 60_000

/** The latest events, and what they say of themselves. */
export function Recent({ data, chosen, onAll }: { data: EventsView; chosen: Chosen; onAll: () => void }) {
  const t = useEventsTexts()
  const { language } = useLanguage()
  const exact = new Intl.NumberFormat(language, { maximumFractionDigits: 6 })
  // As it was sent, but for numbers that nobody means.
  const number = (value: number) => (Math.abs(value) < 1e9 ? exact.format(value) : numberText(value, language))
  return (
    <Stack gap="md">
      <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.recent}>
        <Group justify="space-between" p="md" pb={0}>
          <Title order={2} size="h5">
            {chosen ? t.recentOf(chosen.name) : t.recent}
          </Title>
          {chosen && (
            <Button variant="default" size="compact-sm" onClick={onAll}>
              {t.showAll}
            </Button>
          )}
        </Group>
        {data.recent.length === 0 ? (
          <Text c="dimmed" p="md">
            {t.noRecent}
          </Text>
        ) : (
          <Table verticalSpacing="xs" horizontalSpacing="md" aria-label={t.recent} miw={640}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.at}</Table.Th>
                <Table.Th>{t.what}</Table.Th>
                <Table.Th>
                  <Tooltip label={t.unitHelp} multiline w={280}>
                    <span tabIndex={0}>{t.unit}</span>
                  </Tooltip>
                </Table.Th>
                <Table.Th>{t.details}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.recent.map((event, index) => (
                <Table.Tr key={`${event.receivedAt} ${event.unit} ${index}`}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <RelativeTime at={event.at} />
                    {Date.parse(event.receivedAt) - Date.parse(event.at) > late && (
                      <Text size="xs" c="dimmed">
                        {t.late}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    <What event={event} number={number} />
                  </Table.Td>
                  <Table.Td>
                    <Code>{event.unit.slice(0, 8)}</Code>
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }} maw={360}>
                    {event.properties ? <Code>{JSON.stringify(event.properties)}</Code> : <Text c="dimmed">–</Text>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Paper>
      {data.properties.length > 0 && (
        <Paper className="surface" p="md" component="section" aria-label={t.properties}>
          <Title order={2} size="h5" mb="sm">
            {t.properties}
          </Title>
          <Stack gap="xs">
            {data.properties.map((property) => (
              <Group key={property.name} gap="xs" align="baseline">
                <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {property.name}
                </Text>
                <Text size="xs" c="dimmed">
                  {t.propertyOf(property.count, data.recent.length)}
                </Text>
                {property.values.map(({ value, count }) => (
                  <Badge key={value} variant="default" tt="none" fw={500} maw={260}>
                    {value} · {count}
                  </Badge>
                ))}
              </Group>
            ))}
          </Stack>
        </Paper>
      )}
    </Stack>
  )
}

function What({ event, number }: { event: RecentEventView; number: (value: number) => string }) {
  const t = useEventsTexts()
  return (
    <>
      <Text size="sm" fw={600}>
        {event.name}
        {event.kind === 'metric' ? event.value !== null && ` = ${number(event.value)}` : ` → ${event.variant ?? ''}`}
      </Text>
      <Text size="xs" c="dimmed">
        {t.kinds[event.kind]}
        {event.flag && ` · ${event.flag}`}
        {event.phase !== null && ` · ${t.phase(event.phase)}`}
      </Text>
    </>
  )
}
