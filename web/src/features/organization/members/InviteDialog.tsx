import { ActionIcon, Alert, Badge, Button, CopyButton, Group, MultiSelect, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCopy, IconMailForward, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { useMessages } from '../texts/messages'
import { groupsQuery } from '../api/groups'
import { useInvitationActions } from '../api/invitations'
import type { GrantChoice, InvitationView } from '../api/types'
import { accessErrorText } from '../parts/accessError'
import { GrantPicker, useMayGive } from '../parts/GrantPicker'
import { readAddresses } from './addresses'

type Outcome = { email: string; invitation?: InvitationView; error?: string }

/** Invites several people at once, all with the same roles and groups. */
export function InviteDialog({ org, onClose }: { org: string; onClose: () => void }) {
  const m = useMessages()
  const mayGive = useMayGive(org)
  const { invite } = useInvitationActions(org)
  const { data: groups = [] } = useQuery(groupsQuery(org))
  const [text, setText] = useState('')
  const [grants, setGrants] = useState<GrantChoice[]>([{ role: 'member' }])
  const [chosenGroups, setChosenGroups] = useState<string[]>([])
  const [outcomes, setOutcomes] = useState<Outcome[] | null>(null)
  const [busy, setBusy] = useState(false)
  const { good, bad } = readAddresses(text)
  const ready = good.length > 0 && bad.length === 0 && grants.every(mayGive) && grants.length + chosenGroups.length > 0

  const submit = async () => {
    setBusy(true)
    const found: Outcome[] = []
    // One after another: what comes back belongs to one address, and one that fails does not stop the others.
    for (const email of good) {
      try {
        found.push({ email, invitation: await invite.mutateAsync({ email, grants, groups: chosenGroups }) })
      } catch (error) {
        found.push({ email, error: accessErrorText(error, m) })
      }
    }
    setBusy(false)
    setOutcomes(found)
  }

  return (
    <Dialog
      opened
      onClose={onClose}
      size="lg"
      closeOnClickOutside={outcomes === null && text === ''}
      title={<Text fw={650}>{outcomes === null ? m.members.inviteTitle : m.members.invitedTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {outcomes !== null ? (
        <InviteOutcomes outcomes={outcomes} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) {
              void submit()
            }
          }}
        >
          <Stack>
            <Textarea
              label={m.members.addresses}
              description={m.members.addressesHint}
              placeholder={'anna@example.com\nboris@example.com'}
              autosize
              minRows={2}
              maxRows={8}
              data-autofocus
              value={text}
              error={bad.length > 0 ? m.members.notAddresses(bad.slice(0, 3).join(', ')) : undefined}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            {good.length > 1 && (
              <Text size="xs" c="dimmed" role="status">
                {m.members.peopleFound(good.length)}
              </Text>
            )}
            <Stack gap="xs">
              {grants.map((grant, index) => (
                <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
                  <div style={{ flex: 1, minWidth: 0 }}>
                    <GrantPicker
                      org={org}
                      value={grant}
                      onChange={(next) => setGrants(grants.map((item, at) => (at === index ? next : item)))}
                    />
                  </div>
                  <ActionIcon
                    mt={27}
                    variant="subtle"
                    color="gray"
                    aria-label={m.members.dropRole}
                    onClick={() => setGrants(grants.filter((_, at) => at !== index))}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Group>
              ))}
              <Group>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => setGrants([...grants, { role: 'viewer' }])}
                >
                  {grants.length === 0 ? m.access.give : m.members.anotherRole}
                </Button>
              </Group>
            </Stack>
            {groups.some(({ provider }) => !provider) && (
              <MultiSelect
                label={m.access.groups}
                placeholder={chosenGroups.length === 0 ? m.members.groupsPlaceholder : undefined}
                value={chosenGroups}
                onChange={setChosenGroups}
                searchable
                data={groups.filter(({ provider }) => !provider).map(({ key, name }) => ({ value: key, label: name || key }))}
              />
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={!ready} loading={busy} leftSection={<IconMailForward size={17} aria-hidden />}>
                {good.length > 1 ? m.members.invitePeople(good.length) : m.members.invite}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

function InviteOutcomes({ outcomes, onClose }: { outcomes: Outcome[]; onClose: () => void }) {
  const m = useMessages()
  const links = outcomes.filter(({ invitation }) => invitation?.link)
  return (
    <Stack>
      {links.length > 0 && (
        <Alert variant="light" color="orange" icon={<IconAlertTriangle size={18} aria-hidden />}>
          {m.members.noMail}
        </Alert>
      )}
      <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {outcomes.map(({ email, invitation, error }) => (
          <Group key={email} component="li" justify="space-between" gap="xs">
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
                {email}
              </Text>
              {error && (
                <Text size="xs" c="var(--mantine-color-error)" role="alert">
                  {error}
                </Text>
              )}
            </div>
            {invitation?.link ? (
              <InvitationLink link={absolute(invitation.link)} email={email} />
            ) : (
              invitation && (
                <Badge variant="light" color="teal" tt="none">
                  {m.members.sent}
                </Badge>
              )
            )}
          </Group>
        ))}
      </Stack>
      <Group justify="flex-end">
        <Button onClick={onClose}>{m.common.close}</Button>
      </Group>
    </Stack>
  )
}

/** The server may not know by which address people reach it: then the link is only a path. */
export const absolute = (link: string) => new URL(link, location.origin).toString()

export function InvitationLink({ link, email }: { link: string; email: string }) {
  const m = useMessages()
  return (
    <CopyButton value={link}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant={copied ? 'light' : 'default'}
          leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
          aria-label={m.members.copyLinkOf(email)}
          data-link={link}
          onClick={copy}
        >
          {copied ? m.common.copied : m.members.copyLink}
        </Button>
      )}
    </CopyButton>
  )
}
