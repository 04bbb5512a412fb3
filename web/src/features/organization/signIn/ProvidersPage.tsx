import { Badge, Group, SimpleGrid, Table, Text, ThemeIcon, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '../texts/messages'
import { providersQuery } from '../api/providers'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { SettingsPage } from '../parts/SettingsPage'
import { kindName, kinds } from './kinds'
import classes from './ProvidersPage.module.css'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/o/$org/sign-in')

export function ProvidersPage() {
  const m = useMessages()
  const t = useTexts()
  const { org } = route.useParams()
  const providers = useQuery(providersQuery(org))
  const items = providers.data ?? []
  return (
    <SettingsPage title={t.providers.title} subtitle={t.providers.subtitle}>
      {providers.isError ? (
        <ErrorState error={providers.error} onRetry={() => void providers.refetch()} />
      ) : providers.isPending ? (
        <div className="surface">
          <LoadingRows rows={2} />
        </div>
      ) : (
        items.length > 0 && (
          <div className="surface" style={{ overflow: 'clip' }}>
            <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{m.common.name}</Table.Th>
                  <Table.Th visibleFrom="sm">{t.providers.domains}</Table.Th>
                  <Table.Th w={130}>{t.providers.state}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((provider) => (
                  <Table.Tr key={provider.key}>
                    <Table.Td>
                      <Text
                        component={Link}
                        to="/o/$org/sign-in/$provider"
                        params={{ org, provider: provider.key } as never}
                        fw={600}
                        size="sm"
                        c="var(--mantine-color-text)"
                        style={{ overflowWrap: 'anywhere' }}
                      >
                        {provider.name}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {kindName(provider.kind)}
                      </Text>
                    </Table.Td>
                    <Table.Td visibleFrom="sm">
                      <Text size="sm" c={provider.domains.length === 0 ? 'dimmed' : undefined}>
                        {provider.domains.join(', ') || '–'}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" tt="none" color={provider.enabled ? 'teal' : 'gray'}>
                        {provider.enabled ? m.common.on : m.common.off}
                      </Badge>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )
      )}
      <Title order={2} size="h5" mt="lg" mb={4}>
        {items.length > 0 ? t.providers.another : t.providers.first}
      </Title>
      <Text size="sm" c="dimmed" mb="sm" maw={680}>
        {t.providers.chooseText}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {kinds.map(({ kind, name, icon: Icon }) => (
          <Link key={kind} to="/o/$org/sign-in/create/$kind" params={{ org, kind }} className={`surface ${classes.card}`}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <ThemeIcon variant="light" size={38} radius="md">
                <Icon size={21} stroke={1.7} aria-hidden />
              </ThemeIcon>
              <div>
                <Text fw={650} size="sm">
                  {name}
                </Text>
                <Text size="sm" c="dimmed">
                  {t.providers.kindText[kind]}
                </Text>
              </div>
            </Group>
          </Link>
        ))}
      </SimpleGrid>
    </SettingsPage>
  )
}
