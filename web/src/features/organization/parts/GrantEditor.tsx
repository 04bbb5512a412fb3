import { ActionIcon, Button, Group, Stack, Text, Tooltip } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { showDone } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { useGrantActions, type PrincipalRef } from '../api/grants'
import type { GrantChoice, GrantView } from '../api/types'
import { showAccessError } from './accessError'
import { GrantChips } from './GrantChips'
import { GrantPicker, useMayGive } from './GrantPicker'
import { grantText } from './grantText'
import { Section } from './Section'

type Props = { org: string; principal: PrincipalRef; name: string; grants: GrantView[]; text: string }

/** The roles of a person, group or service account, with what adds and removes them. */
export function GrantEditor({ org, principal, name, grants, text }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const access = useAccess(org)
  const mayGive = useMayGive(org)
  const actions = useGrantActions(org)
  const [adding, setAdding] = useState<GrantChoice | null>(null)
  const failed = (error: unknown) => showAccessError(error, m)

  const remove = async (grant: GrantView) => {
    const what = grantText(grant, m)
    if (
      await confirm({
        title: m.access.takeTitle(what),
        text: m.access.takeText(name),
        confirm: m.access.take,
        danger: true,
      })
    ) {
      actions.remove.mutate(grant.id, { onSuccess: () => showDone(m.access.taken(what), m), onError: failed })
    }
  }
  const add = (grant: GrantChoice) =>
    actions.add.mutate(
      { principal, ...grant },
      {
        onSuccess: () => {
          setAdding(null)
          showDone(m.access.given(grantText(grant, m)), m)
        },
        onError: failed,
      },
    )

  return (
    <Section
      title={m.access.roles}
      text={text}
      action={
        access.canSomewhere('membership.manage') &&
        adding === null && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding({ role: 'viewer' })}>
            {m.access.give}
          </Button>
        )
      }
    >
      <Stack gap="sm">
        {grants.length === 0 && adding === null && (
          <Text size="sm" c="dimmed">
            {m.access.noRoles}
          </Text>
        )}
        {grants.length > 0 && (
          <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
            {grants.map((grant) => {
              const byHand = !grant.provider && grant.principal.kind === principal.kind
              return (
                <Group key={grant.id} component="li" justify="space-between" wrap="nowrap" py={5} gap="xs">
                  <Group gap="sm" miw={0}>
                    <GrantChips grants={[grant]} />
                    <Text size="xs" c="dimmed" component="span">
                      {/* Whoever accepts an invitation writes down what it promised. */}
                      {grant.createdBy?.name && `${grant.createdBy.id === grant.principal.id ? m.access.byInvitation : grant.createdBy.name}, `}
                      <RelativeTime at={grant.createdAt} />
                    </Text>
                  </Group>
                  {access.canSomewhere('membership.manage') && (
                    <Tooltip
                      label={
                        byHand
                          ? m.access.take
                          : grant.provider
                            ? m.access.managedBy(grant.provider.name)
                            : m.access.changeGroup(grant.principal.name)
                      }
                    >
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        data-disabled={!byHand || undefined}
                        aria-disabled={!byHand || undefined}
                        aria-label={`${m.access.take}: ${grantText(grant, m)}`}
                        onClick={() => byHand && void remove(grant)}
                      >
                        <IconTrash size={16} />
                      </ActionIcon>
                    </Tooltip>
                  )}
                </Group>
              )
            })}
          </ul>
        )}
        {adding !== null && (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              add(adding)
            }}
          >
            <GrantPicker org={org} value={adding} onChange={setAdding} />
            <Group mt="sm" gap="xs">
              <Button type="submit" size="xs" disabled={!mayGive(adding)} loading={actions.add.isPending}>
                {m.access.giveNow(grantText(adding, m))}
              </Button>
              <Button size="xs" variant="default" onClick={() => setAdding(null)}>
                {m.common.cancel}
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Section>
  )
}
