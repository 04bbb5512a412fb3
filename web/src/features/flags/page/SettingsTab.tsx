import { Alert, Anchor, Button, Group, MultiSelect, NativeSelect, NumberInput, Paper, Stack, Switch, Text, Textarea, TextInput, Title } from '@mantine/core'
import { IconArchive, IconLock, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ChangeRequested } from '@/shared/api/changeRequested'
import { isProblem } from '@/shared/api/problem'
import type { FlagKind, FlagView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { TypeKey } from '@/shared/components/TypeKey'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { Clash } from '@/shared/drafts/Clash'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useEdits } from '@/shared/drafts/useEdits'
import { useMessages } from '@/shared/i18n/messages'
import { categoriesQuery, membersQuery, tagsQuery } from '@/shared/project/catalogue'
import { useCan, useCanSomewhere } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useFlagActions } from '../api/changeFlag'
import { flagReferencesQuery } from '../api/getFlag'

type Props = { scope: Scope; flag: FlagView; etag: string }

export default function SettingsTab(props: Props) {
  const { scope, flag } = props
  const m = useMessages()
  const canManage = useCan('flag.manage', scope)
  const { data: references } = useQuery(flagReferencesQuery(scope, flag.key))
  return (
    <Stack gap="md" maw={760}>
      {(!canManage || flag.archivedAt !== null) && (
        <Alert color="gray" icon={<IconLock />} py="xs">
          {flag.archivedAt !== null ? m.flag.archivedReadOnly : m.flag.mayNotEditFlag}
        </Alert>
      )}
      <Details {...props} canManage={canManage && flag.archivedAt === null} />
      <Paper className="surface" p="md">
        <Title order={2} size="h5" mb="xs">
          {m.flag.usedBy}
        </Title>
        {references === undefined || references.flags.length === 0 ? (
          <Text size="sm" c="dimmed">
            {m.flag.usedByNone}
          </Text>
        ) : (
          references.flags.map(({ key, environments }) => (
            <Group key={key} gap="xs">
              <Anchor component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: key } as never} className="mono" size="sm">
                {key}
              </Anchor>
              <Text size="sm" c="dimmed">
                {environments.join(', ')}
              </Text>
            </Group>
          ))
        )}
      </Paper>
      {canManage && <Danger {...props} />}
    </Stack>
  )
}

/** The fields as the form holds them. */
function savedFields(flag: FlagView) {
  return {
    name: flag.name,
    description: flag.description,
    kind: flag.kind,
    owner: flag.owner?.id ?? '',
    category: flag.category ?? '',
    tags: flag.tags,
    clientVisible: flag.clientVisible,
    lifetime: flag.expectedLifetimeDays,
  }
}

type Field = keyof ReturnType<typeof savedFields>

function Details({ scope, flag, etag, canManage }: Props & { canManage: boolean }) {
  const m = useMessages()
  const { change } = useFlagActions(scope, flag.key)
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const { data: categories = [] } = useQuery(categoriesQuery(scope))
  const { data: members = [] } = useQuery({ ...membersQuery(scope.org), enabled: useCanSomewhere('membership.view', { org: scope.org }) })
  const { values, set, changed, dirty, clashes, takeTheirs, discard, restoredAt } = useEdits(`settings ${scope.org}/${scope.project}/${flag.key}`, savedFields(flag))
  const who = flag.updatedBy?.name ?? m.common.somebody
  const labels: Record<Field, string> = {
    name: m.common.name,
    description: m.common.description,
    kind: m.common.kind,
    owner: m.common.owner,
    category: m.common.category,
    tags: m.common.tags,
    clientVisible: m.flag.clientVisible,
    lifetime: m.flag.lifetime,
  }

  const save = () => {
    const { owner, category, lifetime, name, description, ...rest } = changed
    change.mutate(
      {
        change: {
          ...rest,
          ...(name === undefined ? {} : { name: name.trim() }),
          ...(description === undefined ? {} : { description: description.trim() }),
          ...(owner === undefined ? {} : { owner: owner || null }),
          ...(category === undefined ? {} : { category: category || null }),
          ...(lifetime === undefined ? {} : { expectedLifetimeDays: lifetime }),
        },
        etag,
      },
      {
        onSuccess: () => {
          discard()
          showDone(m.flag.saved, m)
        },
        onError: (error) => {
          if (error instanceof ChangeRequested) {
            // The request keeps it from now on.
            discard()
          }
          showError(m.flag.saveFailed, error, m, isProblem(error, 'precondition_failed') ? m.flag.changedMeanwhile : undefined)
        },
      },
    )
  }

  return (
    <Paper className="surface" p="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <fieldset disabled={!canManage} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <Stack gap="sm">
            <Title order={2} size="h5">
              {m.flag.details}
            </Title>
            <KeptNote at={restoredAt} onDiscard={discard} />
            <TextInput label={m.common.name} value={values.name} maxLength={200} onChange={(event) => set('name', event.currentTarget.value)} />
            <Textarea
              label={m.common.description}
              autosize
              minRows={2}
              value={values.description}
              onChange={(event) => set('description', event.currentTarget.value)}
            />
            <Group grow align="flex-start">
              <NativeSelect
                label={m.common.kind}
                value={values.kind}
                onChange={(event) => set('kind', event.currentTarget.value as FlagKind)}
                data={Object.entries(m.flagKinds).map(([value, label]) => ({ value, label }))}
              />
              <NativeSelect
                label={m.common.category}
                value={values.category}
                onChange={(event) => set('category', event.currentTarget.value)}
                data={[{ value: '', label: m.common.none }, ...categories.map(({ key, name }) => ({ value: key, label: name }))]}
              />
            </Group>
            <Group grow align="flex-start">
              <NativeSelect
                label={m.common.owner}
                value={values.owner}
                onChange={(event) => set('owner', event.currentTarget.value)}
                data={[
                  { value: '', label: m.common.none },
                  ...(flag.owner && !members.some(({ id }) => id === flag.owner?.id) ? [{ value: flag.owner.id, label: flag.owner.name }] : []),
                  ...members.map(({ id, name: person }) => ({ value: id, label: person })),
                ]}
              />
              <NumberInput
                label={m.flag.lifetime}
                description={m.flag.lifetimeHint}
                min={1}
                max={3650}
                allowDecimal={false}
                value={values.lifetime ?? ''}
                onChange={(value) => set('lifetime', typeof value === 'number' ? value : null)}
              />
            </Group>
            <MultiSelect
              label={m.common.tags}
              value={values.tags}
              onChange={(next) => set('tags', next)}
              data={tags.map(({ key, name: tag }) => ({ value: key, label: tag }))}
              searchable
            />
            <Switch
              label={m.flag.clientVisible}
              description={m.createFlag.clientVisibleHint}
              checked={values.clientVisible}
              onChange={(event) => set('clientVisible', event.currentTarget.checked)}
            />
            {clashes.map((field) => (
              <Clash key={field} who={who} field={labels[field]} theirs={String(savedFields(flag)[field] ?? '')} onTakeTheirs={() => takeTheirs(field)} />
            ))}
            {canManage && (
              <Group>
                <Button type="submit" loading={change.isPending} disabled={!dirty}>
                  {m.common.save}
                </Button>
                {dirty && (
                  <Button variant="default" onClick={discard}>
                    {m.save.discard}
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
    </Paper>
  )
}

function Danger({ scope, flag }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const actions = useFlagActions(scope, flag.key)
  const [deleting, setDeleting] = useState(false)
  const [typed, setTyped] = useState('')
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const archive = async () => {
    if (await confirm({ title: m.flag.archiveTitle(flag.key), text: m.flag.archiveText, confirm: m.flag.archive, danger: true })) {
      actions.archive.mutate('', {
        onSuccess: () => showDone(m.flag.archived(flag.key), m, () => actions.restore.mutate()),
        onError: failed,
      })
    }
  }
  const remove = () =>
    actions.remove.mutate(undefined, {
      onSuccess: () => {
        showDone(m.flag.deleted(flag.key), m)
        void navigate({ to: '/p/$org/$project/flags', params: scope })
      },
      onError: failed,
    })

  return (
    <Group>
      {flag.archivedAt === null ? (
        <Button variant="default" leftSection={<IconArchive size={16} />} onClick={() => void archive()}>
          {m.flag.archive}
        </Button>
      ) : (
        <Button color="red" variant="outline" leftSection={<IconTrash size={16} />} onClick={() => setDeleting(true)}>
          {m.flag.delete}
        </Button>
      )}
      <Dialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={<Text fw={650}>{m.flag.deleteTitle(flag.key)}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (typed === flag.key) {
              remove()
            }
          }}
        >
          <Stack>
            <Text size="sm">{m.flag.deleteText}</Text>
            <TypeKey wanted={flag.key} value={typed} onChange={setTyped} autoFocus />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setDeleting(false)}>
                {m.common.cancel}
              </Button>
              <Button type="submit" color="red.8" disabled={typed !== flag.key} loading={actions.remove.isPending}>
                {m.flag.delete}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </Group>
  )
}
