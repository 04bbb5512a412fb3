import { Badge, Button, Group, Table, Text } from '@mantine/core'
import { IconPlus, IconRobot } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { serviceAccountsQuery, useCreateServiceAccount } from '../api/serviceAccounts'
import { CreateDialog } from '../parts/CreateDialog'
import { GrantChips } from '../parts/GrantChips'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { SettingsPage } from '../parts/SettingsPage'

const route = getRouteApi('/signedIn/o/$org/service-accounts')

export function ServiceAccountsPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const navigate = route.useNavigate()
  const canManage = useAccess(org).can('serviceaccount.manage')
  const accounts = useQuery(serviceAccountsQuery(org))
  const create = useCreateServiceAccount(org)
  const [creating, setCreating] = useState(false)
  const items = accounts.data ?? []
  return (
    <SettingsPage
      title={m.serviceAccounts.title}
      subtitle={m.serviceAccounts.subtitle}
      action={
        canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
            {m.serviceAccounts.create}
          </Button>
        )
      }
    >
      <div className="surface" style={{ overflow: 'clip' }}>
        {accounts.isPending ? (
          <LoadingRows rows={3} />
        ) : accounts.isError ? (
          <ErrorState error={accounts.error} onRetry={() => void accounts.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState icon={IconRobot} title={m.serviceAccounts.emptyTitle} text={m.serviceAccounts.emptyText}>
            {canManage && (
              <Button mt="sm" onClick={() => setCreating(true)}>
                {m.serviceAccounts.create}
              </Button>
            )}
          </EmptyState>
        ) : (
          <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{m.common.name}</Table.Th>
                <Table.Th visibleFrom="sm" w="34%">
                  {m.access.roles}
                </Table.Th>
                <Table.Th visibleFrom="md" w={90}>
                  {m.serviceAccounts.tokens}
                </Table.Th>
                <Table.Th visibleFrom="sm" w={150}>
                  {m.serviceAccounts.lastUsed}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((account) => (
                <Table.Tr key={account.id}>
                  <Table.Td>
                    <Group gap={6}>
                      <Text
                        component={Link}
                        to="/o/$org/service-accounts/$id"
                        params={{ org, id: account.id } as never}
                        fw={600}
                        size="sm"
                        c="var(--mantine-color-text)"
                        style={{ overflowWrap: 'anywhere' }}
                      >
                        {account.name || account.key}
                      </Text>
                      {account.disabledAt && (
                        <Badge size="xs" variant="light" color="orange" tt="none">
                          {m.members.deactivated}
                        </Badge>
                      )}
                    </Group>
                    {account.description && (
                      <Text size="xs" c="dimmed" lineClamp={2}>
                        {account.description}
                      </Text>
                    )}
                    <Group hiddenFrom="sm" mt={6}>
                      <GrantChips grants={account.grants} />
                    </Group>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    {account.grants.length === 0 ? (
                      <Text size="sm" c="dimmed">
                        {m.access.noRoles}
                      </Text>
                    ) : (
                      <GrantChips grants={account.grants} />
                    )}
                  </Table.Td>
                  <Table.Td visibleFrom="md">{account.tokenCount}</Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Text size="xs" component="div" c={account.lastUsedAt ? undefined : 'dimmed'}>
                      {account.lastUsedAt ? <RelativeTime at={account.lastUsedAt} /> : m.common.never}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {creating && (
        <CreateDialog
          title={m.serviceAccounts.create}
          namePlaceholder={m.serviceAccounts.namePlaceholder}
          create={create}
          onClose={() => setCreating(false)}
          onCreated={(account) => void navigate({ to: '/o/$org/service-accounts/$id', params: { org, id: account.id } })}
        />
      )}
    </SettingsPage>
  )
}
