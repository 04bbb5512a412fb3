import { ActionIcon, Alert, Avatar, Badge, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlugConnected, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { groupMembersQuery, groupQuery, useGroupActions } from '../api/groups'
import type { GroupView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { BackLink } from '../parts/BackLink'
import { GrantEditor } from '../parts/GrantEditor'
import { NameSection } from '../parts/NameSection'
import { PersonPicker } from '../parts/PersonPicker'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'

const route = getRouteApi('/signedIn/o/$org/groups/$group')

export function GroupPage() {
  const m = useMessages()
  const { org, group: key } = route.useParams()
  const navigate = route.useNavigate()
  const confirm = useConfirm()
  const canManage = useAccess(org).can('group.manage')
  const query = useQuery(groupQuery(org, key))
  const actions = useGroupActions(org, key)
  if (query.isError && query.data === undefined) {
    return <ErrorState page error={query.error} onRetry={() => void query.refetch()} />
  }
  const group = query.data
  if (group === undefined) {
    return (
      <SettingsPage title={m.common.loading} width={900}>
        <Skeleton height={200} />
      </SettingsPage>
    )
  }
  const name = group.name || group.key
  const remove = async () => {
    if (
      await confirm({
        title: m.groups.deleteTitle(name),
        text: m.groups.deleteText(group.memberCount),
        confirm: m.groups.delete,
        danger: true,
      })
    ) {
      actions.remove.mutate(undefined, {
        onSuccess: () => {
          showDone(m.groups.deleted(name), m)
          void navigate({ to: '/o/$org/groups', params: { org } })
        },
        onError: (error) => showAccessError(error, m),
      })
    }
  }

  return (
    <SettingsPage
      width={900}
      title={name}
      subtitle={
        <Group gap="xs">
          <CopyKey value={group.key} />
          {group.provider && (
            <Badge size="xs" variant="default" tt="none" leftSection={<IconPlugConnected size={11} aria-hidden />}>
              {group.provider.name}
            </Badge>
          )}
        </Group>
      }
      action={<BackLink to="/o/$org/groups" org={org} text={m.groups.title} />}
    >
      <Stack>
        {group.provider && (
          <Alert variant="light" icon={<IconPlugConnected aria-hidden />}>
            {m.groups.managedText(group.provider.name)}
          </Alert>
        )}
        <GrantEditor org={org} principal={{ kind: 'group', id: group.id }} name={name} grants={group.grants} text={m.groups.rolesText} />
        <GroupMembers org={org} group={group} canManage={canManage && !group.provider} />
        <NameSection key={group.id} place={`group ${org}/${group.id}`} current={group} update={actions.update} disabled={!canManage || Boolean(group.provider)} />
        {canManage && !group.provider && (
          <Section title={m.groups.delete} text={m.groups.deleteHint}>
            <Button color="red" variant="light" loading={actions.remove.isPending} onClick={() => void remove()}>
              {m.groups.delete}
            </Button>
          </Section>
        )}
      </Stack>
    </SettingsPage>
  )
}

function GroupMembers({ org, group, canManage }: { org: string; group: GroupView; canManage: boolean }) {
  const m = useMessages()
  const actions = useGroupActions(org, group.key)
  const members = useInfiniteQuery(groupMembersQuery(org, group.key))
  const people = members.data?.pages.flatMap((page) => page.items) ?? []
  const failed = (error: unknown) => showAccessError(error, m)
  const name = group.name || group.key
  return (
    <Section title={m.groups.members} text={m.members.count(group.memberCount)}>
      {canManage && (
        <div style={{ maxWidth: 360, marginBottom: 8 }}>
          <PersonPicker
            org={org}
            label={m.groups.addMember}
            exclude={people.map(({ id }) => id)}
            disabled={actions.addMember.isPending}
            onChoose={(person) =>
              actions.addMember.mutate(person.id, {
                onSuccess: () => showDone(m.groups.memberAdded(person.name, name), m),
                onError: failed,
              })
            }
          />
        </div>
      )}
      {members.isPending ? (
        <Skeleton height={40} />
      ) : members.isError ? (
        <ErrorState error={members.error} onRetry={() => void members.refetch()} />
      ) : people.length === 0 ? (
        <Text size="sm" c="dimmed">
          {m.groups.noMembers}
        </Text>
      ) : (
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label={m.groups.members}>
          {people.map((person) => (
            <Group key={person.id} component="li" justify="space-between" wrap="nowrap" py={5}>
              <Group gap="sm" wrap="nowrap" miw={0}>
                <Avatar size={28} radius="xl" name={person.name || person.email} color="brand" aria-hidden />
                <div style={{ minWidth: 0 }}>
                  <Text
                    component={Link}
                    to="/o/$org/members/$id"
                    params={{ org, id: person.id } as never}
                    size="sm"
                    fw={600}
                    c="var(--mantine-color-text)"
                    truncate
                    display="block"
                  >
                    {person.name || person.email}
                  </Text>
                  <Text size="xs" c="dimmed" truncate>
                    {person.email}
                  </Text>
                </div>
              </Group>
              {canManage && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={m.groups.removeMember(person.name || person.email)}
                  onClick={() =>
                    actions.removeMember.mutate(person.id, {
                      onSuccess: () =>
                        showDone(m.groups.memberRemoved(person.name || person.email, name), m, () =>
                          actions.addMember.mutate(person.id, { onError: failed }),
                        ),
                      onError: failed,
                    })
                  }
                >
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </Group>
          ))}
        </ul>
      )}
      {members.hasNextPage && (
        <Button size="xs" variant="default" mt="sm" loading={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
          {m.common.loadMore}
        </Button>
      )}
    </Section>
  )
}
