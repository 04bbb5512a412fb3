import { ActionIcon, Button, Group, NativeSelect, Text, Tooltip } from '@mantine/core'
import { IconTrash, IconUsersGroup } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { groupsQuery, useGroupActions } from '../api/groups'
import type { GroupView, MemberView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { GrantChips } from '../parts/GrantChips'
import { Section } from '../parts/Section'

/** The groups of a person, with what their membership gives. */
export function MemberGroups({ org, member }: { org: string; member: MemberView }) {
  const m = useMessages()
  const access = useAccess(org)
  const canManage = access.can('group.manage')
  const { data: groups = [] } = useQuery(groupsQuery(org))
  const [chosen, setChosen] = useState('')
  const free = groups.filter(({ key, provider }) => !provider && !member.groups.some((group) => group.key === key))
  const { addMember } = useGroupActions(org, chosen)
  return (
    <Section title={m.access.groups} text={m.members.groupsText}>
      {member.groups.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.members.noGroups}
        </Text>
      )}
      <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {member.groups.map((group) => (
          <MemberGroup
            key={group.key}
            org={org}
            member={member}
            group={groups.find(({ key }) => key === group.key)}
            name={group.name || group.key}
            groupKey={group.key}
            canManage={canManage}
          />
        ))}
      </ul>
      {canManage && free.length > 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            addMember.mutate(member.id, {
              onSuccess: () => setChosen(''),
              onError: (error) => showAccessError(error, m),
            })
          }}
        >
          <Group gap="xs" align="flex-end" mt="xs">
            <NativeSelect
              aria-label={m.members.addToGroup}
              value={chosen}
              onChange={(event) => setChosen(event.currentTarget.value)}
              data={[
                { value: '', label: m.members.addToGroup },
                ...free.map(({ key, name }) => ({ value: key, label: name || key })),
              ]}
            />
            <Button type="submit" variant="default" disabled={chosen === ''} loading={addMember.isPending}>
              {m.common.add}
            </Button>
          </Group>
        </form>
      )}
    </Section>
  )
}

type Props = { org: string; member: MemberView; group: GroupView | undefined; groupKey: string; name: string; canManage: boolean }

function MemberGroup({ org, member, group, groupKey, name, canManage }: Props) {
  const m = useMessages()
  const { removeMember } = useGroupActions(org, groupKey)
  const byHand = !group?.provider
  return (
    <Group component="li" justify="space-between" wrap="nowrap" py={5} gap="xs">
      <Group gap="sm" miw={0}>
        <IconUsersGroup size={16} aria-hidden style={{ flex: 'none' }} />
        <Text
          component={Link}
          to="/o/$org/groups/$group"
          params={{ org, group: groupKey } as never}
          size="sm"
          fw={600}
          c="var(--mantine-color-text)"
        >
          {name}
        </Text>
        {group && <GrantChips grants={group.grants.map(({ role, roleName, project, environment }) => ({ role, roleName, project, environment }))} />}
      </Group>
      {canManage && (
        <Tooltip label={byHand ? m.members.leaveGroup : m.access.managedBy(group?.provider?.name ?? '')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            data-disabled={!byHand || undefined}
            aria-disabled={!byHand || undefined}
            aria-label={`${m.members.leaveGroup}: ${name}`}
            loading={removeMember.isPending}
            onClick={() =>
              byHand &&
              removeMember.mutate(member.id, {
                onSuccess: () => showDone(m.groups.memberRemoved(member.name || member.email, name), m),
                onError: (error) => showAccessError(error, m),
              })
            }
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  )
}
