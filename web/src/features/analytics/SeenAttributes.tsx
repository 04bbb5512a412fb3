import { Anchor, Badge, Code, Group, Paper, Skeleton, Table, Text } from '@mantine/core'
import { IconTags } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { observedAttributesQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { useAnalyticsTexts } from './texts/useAnalyticsTexts'

const shown = 12

/** The attributes that evaluated contexts had, which feed the catalogue and the targeting editor. */
export function SeenAttributes({ scope }: { scope: Scope }) {
  const t = useAnalyticsTexts()
  const { data, error, refetch } = useQuery({ ...observedAttributesQuery(scope), refetchInterval: 30_000 })
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton h={240} />
  }
  if (data.length === 0) {
    return (
      <Paper className="surface">
        <EmptyState icon={IconTags} title={t.attributesEmptyTitle} text={t.attributesEmptyText} />
      </Paper>
    )
  }
  return (
    <>
      <Text size="sm" c="dimmed" maw={760}>
        {t.attributesText}{' '}
        <Anchor component={Link} size="sm" to="/p/$org/$project/settings/attributes" params={scope as never}>
          {t.describe}
        </Anchor>
      </Text>
      <Paper className="surface" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.views.attributes}>
        <Table aria-label={t.views.attributes} miw={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.attribute}</Table.Th>
              <Table.Th>{t.type}</Table.Th>
              <Table.Th>{t.values}</Table.Th>
              <Table.Th>{t.lastSeen}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((row) => (
              <Table.Tr key={row.name}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <Code>{row.name}</Code>
                </Table.Td>
                <Table.Td>{row.type}</Table.Td>
                <Table.Td maw={520}>
                  {row.hasTooManyValues ? (
                    <Text size="sm" c="dimmed">
                      {t.tooMany}
                    </Text>
                  ) : (
                    <Group gap={4}>
                      {row.values.slice(0, shown).map(({ value }) => (
                        <Badge key={value} variant="default" tt="none" fw={450} maw={220}>
                          {value}
                        </Badge>
                      ))}
                      {row.values.length > shown && (
                        <Text size="xs" c="dimmed">
                          {t.more(row.values.length - shown)}
                        </Text>
                      )}
                    </Group>
                  )}
                </Table.Td>
                <Table.Td>
                  <RelativeTime at={row.lastSeenAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </>
  )
}
