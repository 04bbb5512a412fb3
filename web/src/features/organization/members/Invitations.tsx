import { ActionIcon, Badge, Button, Group, Menu, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import { IconDots, IconMailForward, IconMailOff, IconMailOpened } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { useConfirm } from '@/shared/components/confirm'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '../texts/messages'
import { invitationsQuery, useInvitationActions } from '../api/invitations'
import type { InvitationView } from '../api/types'
import { showAccessError } from '../parts/accessError'
import { GrantChips } from '../parts/GrantChips'
import { LoadingRows } from '@/shared/components/LoadingRows'
import { absolute, InvitationLink } from './InviteDialog'

const colors = { pending: 'brand', accepted: 'teal', expired: 'orange', revoked: 'gray' } as const

/** Who was invited and has not come yet, and who has. */
export function Invitations({ org, onInvite }: { org: string; onInvite: () => void }) {
  const m = useMessages()
  const invitations = useQuery(invitationsQuery(org))
  const [link, setLink] = useState<{ email: string; link: string } | null>(null)
  const items = invitations.data ?? []
  return (
    <div className="surface" style={{ overflow: 'clip' }}>
      {invitations.isPending ? (
        <LoadingRows rows={3} />
      ) : invitations.isError ? (
        <ErrorState error={invitations.error} onRetry={() => void invitations.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState icon={IconMailOpened} title={m.members.noInvitationsTitle} text={m.members.noInvitationsText}>
          <Button mt="sm" onClick={onInvite}>
            {m.members.invite}
          </Button>
        </EmptyState>
      ) : (
        <Table verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{m.members.invited}</Table.Th>
              <Table.Th visibleFrom="sm" w="36%">
                {m.access.roles}
              </Table.Th>
              <Table.Th visibleFrom="md" w={180}>
                {m.members.expires}
              </Table.Th>
              <Table.Th w={64}>
                <VisuallyHidden>{m.common.more}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <InvitationRow key={item.id} org={org} invitation={item} onLink={setLink} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Dialog
        opened={link !== null}
        onClose={() => setLink(null)}
        title={<Text fw={650}>{m.members.newLinkTitle}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <Stack>
          <Text size="sm">{link && m.members.newLinkText(link.email)}</Text>
          <Group justify="flex-end">
            {link && <InvitationLink {...link} />}
            <Button onClick={() => setLink(null)}>{m.common.close}</Button>
          </Group>
        </Stack>
      </Dialog>
    </div>
  )
}

type RowProps = { org: string; invitation: InvitationView; onLink: (link: { email: string; link: string }) => void }

function InvitationRow({ org, invitation, onLink }: RowProps) {
  const m = useMessages()
  const confirm = useConfirm()
  const { resend, revoke } = useInvitationActions(org)
  const failed = (error: unknown) => showAccessError(error, m)
  const open = invitation.status === 'pending' || invitation.status === 'expired'

  const again = () =>
    resend.mutate(invitation.id, {
      onSuccess: ({ link }) =>
        link
          ? onLink({ email: invitation.email, link: absolute(link) })
          : showDone(m.members.sentAgain(invitation.email), m),
      onError: failed,
    })
  const withdraw = async () => {
    if (
      await confirm({
        title: m.members.withdrawTitle(invitation.email),
        text: m.members.withdrawText,
        confirm: m.members.withdraw,
        danger: true,
      })
    ) {
      revoke.mutate(invitation.id, { onSuccess: () => showDone(m.members.withdrawn(invitation.email), m), onError: failed })
    }
  }

  const chips = (
    <GrantChips
      grants={invitation.grants}
      groups={invitation.groups.map((key) => ({ key, name: key }))}
    />
  )
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {invitation.email}
          </Text>
          <Badge size="xs" variant="light" tt="none" color={colors[invitation.status]}>
            {m.invitationStatus[invitation.status]}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed" component="div">
          {invitation.invitedBy && m.members.invitedBy(invitation.invitedBy.name)} <RelativeTime at={invitation.createdAt} />
        </Text>
        <Group hiddenFrom="sm" mt={6}>
          {chips}
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">{chips}</Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="xs" component="div">
          {open ? <RelativeTime at={invitation.expiresAt} /> : '–'}
        </Text>
      </Table.Td>
      <Table.Td>
        {open && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${invitation.email}`} loading={resend.isPending}>
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconMailForward size={16} aria-hidden />} onClick={again}>
                {m.members.resend}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconMailOff size={16} aria-hidden />} onClick={() => void withdraw()}>
                {m.members.withdraw}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
