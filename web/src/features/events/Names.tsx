import { Paper, Table, Text, Title, UnstyledButton } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import { nothing, numberText } from '@/shared/i18n/numbers'
import type { Chosen, EventNameView } from './events'
import { useEventsTexts } from './texts/useEventsTexts'

/** How many events there are of each name; those that can be looked at are buttons. */
export function Names({ names, chosen, onChoose }: { names: EventNameView[]; chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
  const t = useEventsTexts()
  const { language } = useLanguage()
  const count = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const shown = names.filter(({ kind }) => kind !== 'dead' && kind !== 'duplicate')
  return (
    <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.names}>
      <Title order={2} size="h5" p="md" pb={0}>
        {t.names}
      </Title>
      <Table verticalSpacing="xs" horizontalSpacing="md" aria-label={t.names} miw={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.name}</Table.Th>
            <Table.Th>{t.kind}</Table.Th>
            <Table.Th ta="right">{t.hour}</Table.Th>
            <Table.Th ta="right">{t.day}</Table.Th>
            <Table.Th ta="right">{t.mean}</Table.Th>
            <Table.Th>{t.variants}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={`${row.kind} ${row.name}`} bg={chosen?.kind === row.kind && chosen.name === row.name ? 'var(--mantine-primary-color-light)' : undefined}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {(row.kind === 'exposure' || row.kind === 'metric') && row.name !== '*' ? (
                  <UnstyledButton fw={600} fz="sm" aria-label={t.select(row.name)} onClick={() => onChoose({ kind: row.kind as 'metric', name: row.name })} style={{ textDecoration: 'underline', textUnderlineOffset: 3 }}>
                    {row.name}
                  </UnstyledButton>
                ) : (
                  <Text size="sm">{row.name === '*' ? t.others : row.name}</Text>
                )}
              </Table.Td>
              <Table.Td>{t.kinds[row.kind] ?? row.kind}</Table.Td>
              <Table.Td ta="right">{count.format(row.lastHour)}</Table.Td>
              <Table.Td ta="right">{count.format(row.lastDay)}</Table.Td>
              <Table.Td ta="right">{numberText(row.mean, language)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {Object.entries(row.details)
                  .map(([variant, times]) => `${variant} ${count.format(times)}`)
                  .join(' · ') || nothing}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  )
}
