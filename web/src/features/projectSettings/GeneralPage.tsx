import { Button, Group, Skeleton, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ChangeRequested } from '@/shared/api/changeRequested'
import { CopyKey } from '@/shared/components/CopyKey'
import { Dialog } from '@/shared/components/Dialog'
import { ErrorState } from '@/shared/components/ErrorState'
import { TypeKey } from '@/shared/components/TypeKey'
import { errorText, showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useScope, type Scope } from '@/shared/project/scope'
import { projectQuery, useProjectActions } from './api'
import { formErrorText, useVersion } from './useVersion'

type Project = { name: string; description: string; version: number }

/** How a project is called, and its end. */
export function GeneralPage() {
  const m = useMessages()
  const scope = useScope()
  const project = useQuery(projectQuery(scope))
  const canManage = useCan('project.manage', scope)
  const [saves, setSaves] = useState(0)
  if (project.isError && project.data === undefined) {
    return <ErrorState error={project.error} onRetry={() => void project.refetch()} />
  }
  if (project.data === undefined) {
    return <Skeleton height={220} role="status" aria-label={m.common.loading} />
  }
  return (
    <Stack>
      <Describe key={saves} scope={scope} project={project.data} canManage={canManage} onSaved={() => setSaves(saves + 1)} />
      {canManage && <Delete scope={scope} project={project.data} />}
    </Stack>
  )
}

function Describe({ scope, project, canManage, onSaved }: { scope: Scope; project: Project; canManage: boolean; onSaved: () => void }) {
  const m = useMessages()
  const { change } = useProjectActions(scope)
  const [name, setName] = useState(project.name)
  const [description, setDescription] = useState(project.description)
  const [error, setError] = useState<unknown>(null)
  const version = useVersion(project.version, error)
  const changed = name.trim() !== project.name || description.trim() !== project.description
  return (
    <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }} aria-label={m.projectSettings.general}>
      <Title order={2} size="h5">
        {m.projectSettings.identity}
      </Title>
      <Group gap={6} mb="sm">
        <Text size="sm" c="dimmed">
          {m.projectSettings.identityHint}
        </Text>
        <CopyKey value={scope.project} />
      </Group>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate(
            { name: name.trim(), description: description.trim(), version },
            {
              onSuccess: () => {
                showDone(m.labels.saved(name.trim()), m)
                onSaved()
              },
              // A request keeps it from now on: the form shows again what there is.
              onError: (failure) => (failure instanceof ChangeRequested ? onSaved() : setError(failure)),
            },
          )
        }}
      >
        <Stack gap="sm" maw={560}>
          <TextInput label={m.common.name} value={name} maxLength={200} disabled={!canManage} onChange={(event) => setName(event.currentTarget.value)} />
          <Textarea
            label={m.common.description}
            value={description}
            disabled={!canManage}
            autosize
            minRows={2}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {error !== null && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {formErrorText(error, m)}
            </Text>
          )}
          {canManage ? (
            <Group>
              <Button type="submit" disabled={!changed || name.trim() === ''} loading={change.isPending}>
                {m.common.save}
              </Button>
            </Group>
          ) : (
            <Text size="sm" c="dimmed">
              {m.projectSettings.mayNot}
            </Text>
          )}
        </Stack>
      </form>
    </section>
  )
}

function Delete({ scope, project }: { scope: Scope; project: Project }) {
  const m = useMessages()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { remove } = useProjectActions(scope)
  const [asking, setAsking] = useState(false)
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<unknown>(null)
  const close = () => {
    setAsking(false)
    setTyped('')
    setError(null)
  }
  const drop = () =>
    remove.mutate(project.version, {
      onSuccess: async () => {
        showDone(m.labels.deleted(project.name), m)
        localStorage.removeItem('togglr-project')
        queryClient.removeQueries({ queryKey: ['projects', scope.org] })
        await navigate({ to: '/', search: { org: scope.org } })
      },
      onError: setError,
    })
  return (
    <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }} aria-label={m.projectSettings.delete}>
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 260px' }}>
          <Title order={2} size="h5">
            {m.projectSettings.delete}
          </Title>
          <Text size="sm" c="dimmed" maw={560}>
            {m.projectSettings.deleteHint}
          </Text>
        </div>
        <Button color="red" variant="outline" onClick={() => setAsking(true)}>
          {m.projectSettings.delete}
        </Button>
      </Group>
      <Dialog opened={asking} onClose={close} title={<Text fw={650}>{m.labels.deleteTitle(project.name)}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (typed === scope.project) {
              drop()
            }
          }}
        >
          <Stack>
            <Text size="sm">{m.projectSettings.deleteText}</Text>
            <TypeKey wanted={scope.project} value={typed} onChange={setTyped} autoFocus />
            {error !== null && (
              <Text size="sm" c="var(--mantine-color-error)" role="alert">
                {errorText(error, m)}
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {m.common.cancel}
              </Button>
              <Button type="submit" color="red" disabled={typed !== scope.project} loading={remove.isPending}>
                {m.projectSettings.delete}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </section>
  )
}
