import { Badge, Button, Group, Table, Text } from '@mantine/core'
import { IconPlugConnected, IconPlus, IconUsersGroup } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { groupsQuery, useCreateGroup } from '../api/groups'
import { CreateDialog } from '../parts/CreateDialog'
import { GrantChips } from '../parts/GrantChips'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { SettingsPage } from '../parts/SettingsPage'

const route = getRouteApi('/signedIn/o/$org/groups')

export function GroupsPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const navigate = route.useNavigate()
  const canManage = useAccess(org).can('group.manage')
  const groups = useQuery(groupsQuery(org))
  const create = useCreateGroup(org)
  const [creating, setCreating] = useState(false)
  const items = groups.data ?? []

  return (
    <SettingsPage
      title={m.groups.title}
      subtitle={m.groups.subtitle}
      count={groups.data && m.groups.count(items.length)}
      action={
        canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
            {m.groups.create}
          </Button>
        )
      }
    >
      <div className="surface" style={{ overflow: 'clip' }}>
        {groups.isPending ? (
          <LoadingRows rows={3} />
        ) : groups.isError ? (
          <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState icon={IconUsersGroup} title={m.groups.emptyTitle} text={m.groups.emptyText}>
            {canManage && (
              <Button mt="sm" onClick={() => setCreating(true)}>
                {m.groups.create}
              </Button>
            )}
          </EmptyState>
        ) : (
          <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{m.common.name}</Table.Th>
                <Table.Th visibleFrom="sm" w="45%">
                  {m.access.roles}
                </Table.Th>
                <Table.Th w={110}>{m.groups.members}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((group) => {
                const chips = <GrantChips grants={group.grants.map(({ principal: _, ...grant }) => grant)} />
                return (
                  <Table.Tr key={group.key}>
                    <Table.Td>
                      <Group gap={6}>
                        <Text
                          component={Link}
                          to="/o/$org/groups/$group"
                          params={{ org, group: group.key } as never}
                          fw={600}
                          size="sm"
                          c="var(--mantine-color-text)"
                          style={{ overflowWrap: 'anywhere' }}
                        >
                          {group.name || group.key}
                        </Text>
                        {group.provider && (
                          <Badge size="xs" variant="default" tt="none" leftSection={<IconPlugConnected size={11} aria-hidden />}>
                            {group.provider.name}
                          </Badge>
                        )}
                      </Group>
                      {group.description && (
                        <Text size="xs" c="dimmed" lineClamp={2}>
                          {group.description}
                        </Text>
                      )}
                      <Group hiddenFrom="sm" mt={6}>
                        {chips}
                      </Group>
                    </Table.Td>
                    <Table.Td visibleFrom="sm">
                      {group.grants.length === 0 ? (
                        <Text size="sm" c="dimmed">
                          {m.access.noRoles}
                        </Text>
                      ) : (
                        chips
                      )}
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm">{group.memberCount}</Text>
                    </Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {creating && (
        <CreateDialog
          title={m.groups.create}
          namePlaceholder={m.groups.namePlaceholder}
          create={create}
          onClose={() => setCreating(false)}
          onCreated={(group) => void navigate({ to: '/o/$org/groups/$group', params: { org, group: group.key } })}
        />
      )}
    </SettingsPage>
  )
}
