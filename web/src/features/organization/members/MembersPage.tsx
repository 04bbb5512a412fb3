import { Avatar, Badge, Button, Group, NativeSelect, Table, Tabs, Text, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconPlugConnected, IconSearch, IconShieldCheck, IconUserPlus, IconUsers } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ListFrame } from '@/shared/components/ListFrame'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useStays } from '@/shared/components/useStays'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { groupsQuery } from '../api/groups'
import { invitationsQuery } from '../api/invitations'
import { memberListQuery } from '../api/members'
import { rolesQuery } from '../api/roles'
import type { MemberView } from '../api/types'
import { GrantChips } from '../parts/GrantChips'
import { roleName } from '../parts/grantText'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { SettingsPage } from '../parts/SettingsPage'
import { Invitations } from './Invitations'
import { InviteDialog } from './InviteDialog'

const route = getRouteApi('/signedIn/o/$org/members')

export function MembersPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const { search, role, group, status, tab } = route.useSearch()
  const navigate = route.useNavigate()
  const access = useAccess(org)
  const canInvite = access.canSomewhere('membership.manage')
  const [text, setText] = useState(search ?? '')
  const [inviting, setInviting] = useState(false)
  const list = useInfiniteQuery(memberListQuery(org, { search, role, group, status }))
  const { data: roles = [] } = useQuery(rolesQuery(org))
  const { data: groups = [] } = useQuery(groupsQuery(org))
  const { data: invitations } = useQuery({ ...invitationsQuery(org), enabled: canInvite })
  const pending = invitations?.filter((item) => item.status === 'pending').length
  const set = (change: Partial<ReturnType<typeof route.useSearch>>) =>
    void navigate({ search: (previous) => ({ ...previous, ...change }), replace: true })
  const stays = useStays()
  const commit = useDebouncedCallback((value: string) => stays() && set({ search: value || undefined }), 200)
  const members = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total
  const filtered = [search, role, group, status].some((value) => value !== undefined)

  return (
    <SettingsPage
      title={m.members.title}
      subtitle={m.members.subtitle}
      count={total === undefined ? undefined : m.members.count(total)}
      action={
        canInvite && (
          <Button leftSection={<IconUserPlus size={17} aria-hidden />} onClick={() => setInviting(true)}>
            {m.members.invite}
          </Button>
        )
      }
    >
      <Tabs
        value={canInvite && tab === 'invitations' ? 'invitations' : 'members'}
        onChange={(value) => set({ tab: value === 'invitations' ? value : undefined })}
        keepMounted={false}
      >
        {canInvite && (
          <Tabs.List mb="md">
            <Tabs.Tab value="members">{m.members.title}</Tabs.Tab>
            <Tabs.Tab
              value="invitations"
              rightSection={
                pending ? (
                  <Badge size="sm" variant="light" circle>
                    {pending}
                  </Badge>
                ) : undefined
              }
            >
              {m.members.invitations}
            </Tabs.Tab>
          </Tabs.List>
        )}
        <Tabs.Panel value="members">
          <Group gap="xs" mb="md" align="flex-end">
            <TextInput
              type="search"
              style={{ flex: '1 1 240px' }}
              maw={380}
              label={m.common.search}
              placeholder={m.members.searchPlaceholder}
              leftSection={<IconSearch size={16} aria-hidden />}
              value={text}
              onChange={(event) => {
                setText(event.currentTarget.value)
                commit(event.currentTarget.value.trim())
              }}
            />
            <NativeSelect
              label={m.access.role}
              value={role ?? ''}
              onChange={(event) => set({ role: event.currentTarget.value || undefined })}
              data={[
                { value: '', label: m.members.anyRole },
                ...roles.map((item) => ({ value: item.key, label: roleName({ role: item.key, roleName: item.name }, m) })),
              ]}
            />
            {groups.length > 0 && (
              <NativeSelect
                label={m.access.group}
                value={group ?? ''}
                onChange={(event) => set({ group: event.currentTarget.value || undefined })}
                data={[
                  { value: '', label: m.members.anyGroup },
                  ...groups.map((item) => ({ value: item.key, label: item.name || item.key })),
                ]}
              />
            )}
            <NativeSelect
              label={m.members.status}
              value={status ?? ''}
              onChange={(event) => set({ status: (event.currentTarget.value || undefined) as typeof status })}
              data={[
                { value: '', label: m.members.anyStatus },
                { value: 'active', label: m.members.active },
                { value: 'deactivated', label: m.members.deactivated },
              ]}
            />
          </Group>
          <ListFrame
            query={list}
            count={members.length}
            loading={<LoadingRows />}
            nothingFound={filtered ? m.members.nothingFound : undefined}
            empty={<EmptyState icon={IconUsers} title={m.members.emptyTitle} text={m.members.emptyText} />}
          >
            <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{m.members.person}</Table.Th>
                  <Table.Th visibleFrom="sm" w="42%">
                    {m.access.roles}
                  </Table.Th>
                  <Table.Th visibleFrom="md" w={170}>
                    {m.members.lastSignIn}
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {members.map((member) => (
                  <MemberRow key={member.id} org={org} member={member} own={member.id === access.me?.id} />
                ))}
              </Table.Tbody>
            </Table>
          </ListFrame>
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Invitations org={org} onInvite={() => setInviting(true)} />
        </Tabs.Panel>
      </Tabs>
      {inviting && <InviteDialog org={org} onClose={() => setInviting(false)} />}
    </SettingsPage>
  )
}

function MemberRow({ org, member, own }: { org: string; member: MemberView; own: boolean }) {
  const m = useMessages()
  const name = member.name || member.email
  const inactive = member.status === 'deactivated'
  return (
    <Table.Tr style={inactive ? { background: 'var(--togglr-subtle)' } : undefined}>
      <Table.Td>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Avatar size={34} radius="xl" name={name} color={inactive ? 'gray' : 'brand'} aria-hidden />
          <div style={{ minWidth: 0, flex: 1 }}>
            <Group gap={6}>
              <Text
                component={Link}
                to="/o/$org/members/$id"
                params={{ org, id: member.id } as never}
                fw={600}
                size="sm"
                c="var(--mantine-color-text)"
                truncate
              >
                {name}
              </Text>
              {own && (
                <Badge size="xs" variant="light" tt="none">
                  {m.members.you}
                </Badge>
              )}
              {inactive && (
                <Badge size="xs" variant="light" color="orange" tt="none">
                  {m.members.deactivated}
                </Badge>
              )}
            </Group>
            <Text size="xs" c="dimmed" truncate title={member.email}>
              {member.email}
            </Text>
            <Group gap={4} mt={4}>
              <SignInBadges member={member} />
            </Group>
            <Group hiddenFrom="sm" mt={6}>
              <GrantChips grants={member.grants} groups={member.groups} />
            </Group>
          </div>
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {member.grants.length === 0 && member.groups.length === 0 ? (
          <Text size="sm" c="dimmed">
            {m.access.noRoles}
          </Text>
        ) : (
          <GrantChips grants={member.grants} groups={member.groups} />
        )}
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="xs" component="div" c={member.lastSignInAt ? undefined : 'dimmed'}>
          {member.lastSignInAt ? <RelativeTime at={member.lastSignInAt} /> : m.common.never}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

/** How well somebody's sign-in is protected, and who vouches for them. */
export function SignInBadges({ member }: { member: MemberView }) {
  const m = useMessages()
  return (
    <>
      {member.twoFactor && (
        <Tooltip label={m.members.twoFactorHint}>
          <Badge size="xs" variant="light" color="teal" tt="none" leftSection={<IconShieldCheck size={11} aria-hidden />}>
            {m.members.twoFactor}
          </Badge>
        </Tooltip>
      )}
      {member.provider && (
        <Tooltip label={m.members.providerHint(member.provider.name)}>
          <Badge
            size="xs"
            variant="default"
            tt="none"
            leftSection={<IconPlugConnected size={11} aria-hidden />}
            styles={{ root: { maxWidth: 160 } }}
          >
            {member.provider.name}
          </Badge>
        </Tooltip>
      )}
    </>
  )
}
