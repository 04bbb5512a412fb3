import { Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyKey } from '@/shared/components/CopyKey'
import { Dialog } from '@/shared/components/Dialog'
import { ErrorState } from '@/shared/components/ErrorState'
import { TypeKey } from '@/shared/components/TypeKey'
import { showDone } from '@/shared/components/feedback'
import { Clash } from '@/shared/drafts/Clash'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useEdits } from '@/shared/drafts/useEdits'
import { useMessages } from '../texts/messages'
import { projectsQuery } from '@/shared/project/me'
import { useAccess } from '@/shared/project/useAccess'
import { organizationQuery, useOrganizationActions } from '../api/organization'
import { showAccessError } from '../parts/accessError'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'

const route = getRouteApi('/signedIn/o/$org/general')

export function GeneralPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const access = useAccess(org)
  const organization = useQuery(organizationQuery(org))
  if (organization.isError && organization.data === undefined) {
    return <ErrorState page error={organization.error} onRetry={() => void organization.refetch()} />
  }
  return (
    <SettingsPage title={m.general.title} subtitle={<CopyKey value={org} />} width={900}>
      {organization.data === undefined ? (
        <Skeleton height={140} />
      ) : (
        <Stack>
          <Rename
            key={org}
            org={org}
            name={organization.data.name}
            version={organization.data.version}
            canManage={access.can('organization.manage')}
          />
          {access.organization?.roles.includes('owner') && <Delete org={org} name={organization.data.name} />}
        </Stack>
      )}
    </SettingsPage>
  )
}

function Rename({ org, name: current, version, canManage }: { org: string; name: string; version: number; canManage: boolean }) {
  const m = useMessages()
  const { rename } = useOrganizationActions(org)
  const { values, set, dirty, clashes, takeTheirs, discard, restoredAt } = useEdits(`organization ${org}`, { name: current })
  const name = values.name.trim()
  return (
    <Section title={m.general.name} text={m.general.nameHint}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          rename.mutateAsync({ name, version }).then(
            () => {
              discard()
              showDone(m.access.saved, m)
            },
            (error: unknown) => showAccessError(error, m),
          )
        }}
      >
        <Stack gap="sm">
          {canManage && <KeptNote at={restoredAt} onDiscard={discard} />}
          <Group gap="xs">
            <TextInput
              aria-label={m.common.name}
              value={values.name}
              maxLength={200}
              disabled={!canManage}
              style={{ flex: '1 1 240px' }}
              maw={420}
              onChange={(event) => set('name', event.currentTarget.value)}
            />
            {canManage && (
              <Button type="submit" disabled={name === '' || name === current} loading={rename.isPending}>
                {m.common.save}
              </Button>
            )}
            {dirty && (
              <Button variant="default" onClick={discard}>
                {m.save.discard}
              </Button>
            )}
          </Group>
          {clashes.length > 0 && <Clash who={m.common.somebody} field={m.common.name} theirs={current} onTakeTheirs={() => takeTheirs('name')} />}
        </Stack>
      </form>
    </Section>
  )
}

function Delete({ org, name }: { org: string; name: string }) {
  const m = useMessages()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { remove } = useOrganizationActions(org)
  const { data: projects = [] } = useQuery(projectsQuery(org))
  const [asking, setAsking] = useState(false)
  const [typed, setTyped] = useState('')
  const drop = () =>
    remove.mutate(typed, {
      onSuccess: async () => {
        showDone(m.general.deleted(name), m)
        await navigate({ to: '/' })
        queryClient.clear()
      },
      onError: (error) => showAccessError(error, m),
    })
  return (
    <Section title={m.general.delete} text={m.general.deleteHint}>
      <Button color="red" variant="light" onClick={() => setAsking(true)}>
        {m.general.delete}
      </Button>
      <Dialog
        opened={asking}
        onClose={() => {
          setAsking(false)
          setTyped('')
        }}
        title={<Text fw={650}>{m.general.deleteTitle(name)}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (typed === org) {
              drop()
            }
          }}
        >
          <Stack>
            <Text size="sm">{m.general.deleteText(projects.length)}</Text>
            <TypeKey wanted={org} value={typed} onChange={setTyped} autoFocus />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsking(false)}>
                {m.common.cancel}
              </Button>
              <Button type="submit" color="red" disabled={typed !== org} loading={remove.isPending}>
                {m.general.delete}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </Section>
  )
}
