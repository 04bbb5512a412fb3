import { ActionIcon, Button, Group, Menu, Stack, Text, TextInput } from '@mantine/core'
import { IconBookmark, IconDeviceFloppy, IconHistory, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import type { EvaluationContext } from '@/shared/targeting/contextRows'
import { contextsQuery, useContextActions, type SavedContext } from './contexts'
import { contextLabel, forgetRecent, readRecent } from './recentContexts'

type Props = { scope: Scope; context: EvaluationContext; valid: boolean; onPick: (context: EvaluationContext) => void }

/** Contexts to begin with: those that the project keeps, and those that were asked about here. */
export function ContextMenu({ scope, context, valid, onPick }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const canSave = useCan('flag.manage', scope)
  const { data: saved = [] } = useQuery(contextsQuery(scope))
  const { create, change, remove } = useContextActions(scope)
  const [recent, setRecent] = useState<EvaluationContext[]>([])
  const [name, setName] = useState<string | null>(null)
  const failed = (error: unknown) => showError(m.errors.title, error, m)
  const existing = saved.find((item) => item.name === name?.trim())

  const save = () => {
    const done = {
      onSuccess: ({ name: savedName }: SavedContext) => {
        showDone(m.contexts.saved(savedName), m)
        setName(null)
      },
      onError: failed,
    }
    if (existing !== undefined) {
      change.mutate({ id: existing.id, context }, done)
    } else if (name !== null && name.trim() !== '') {
      create.mutate({ name: name.trim(), context }, done)
    }
  }
  const ask = async ({ id, name: savedName }: SavedContext) => {
    if (await confirm({ title: m.contexts.deleteTitle(savedName), text: m.contexts.deleteText, confirm: m.common.delete, danger: true })) {
      remove.mutate(id, { onSuccess: () => showDone(m.contexts.deleted(savedName), m), onError: failed })
    }
  }

  return (
    <Group gap={6}>
      <Menu position="bottom-start" width={340} onOpen={() => setRecent(readRecent(scope))}>
        <Menu.Target>
          <Button variant="default" size="compact-sm" leftSection={<IconBookmark size={15} aria-hidden />}>
            {m.contexts.open}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          <Menu.Label>{m.contexts.savedLabel}</Menu.Label>
          {saved.length === 0 && (
            <Text size="xs" c="dimmed" px="sm" pb="xs">
              {m.contexts.noneSaved}
            </Text>
          )}
          {saved.map((item) => (
            <Group key={item.id} gap={2} wrap="nowrap">
              <Menu.Item flex={1} miw={0} leftSection={<IconBookmark size={15} aria-hidden />} onClick={() => onPick(item.context as EvaluationContext)}>
                <Text size="sm" truncate>
                  {item.name}
                </Text>
                <Text size="xs" c="dimmed" truncate className="mono">
                  {contextLabel(item.context as EvaluationContext)}
                </Text>
              </Menu.Item>
              {canSave && (
                <ActionIcon variant="subtle" color="gray" aria-label={m.contexts.delete(item.name)} onClick={() => void ask(item)}>
                  <IconTrash size={15} />
                </ActionIcon>
              )}
            </Group>
          ))}
          <Menu.Divider />
          <Menu.Label>{m.contexts.recentLabel}</Menu.Label>
          {recent.length === 0 && (
            <Text size="xs" c="dimmed" px="sm" pb="xs">
              {m.contexts.noneRecent}
            </Text>
          )}
          {recent.map((item, index) => (
            <Menu.Item key={index} leftSection={<IconHistory size={15} aria-hidden />} onClick={() => onPick(item)}>
              <Text size="sm" truncate maw={280} className="mono">
                {contextLabel(item)}
              </Text>
            </Menu.Item>
          ))}
          {recent.length > 0 && (
            <Menu.Item c="dimmed" onClick={() => forgetRecent(scope)}>
              {m.contexts.forget}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {canSave && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconDeviceFloppy size={15} aria-hidden />}
          disabled={!valid || Object.keys(context).length === 0}
          onClick={() => setName('')}
        >
          {m.contexts.save}
        </Button>
      )}
      {name !== null && (
        <Dialog
          opened
          onClose={() => setName(null)}
          title={<Text fw={650}>{m.contexts.saveTitle}</Text>}
          closeButtonProps={{ 'aria-label': m.common.close }}
        >
          <form
            onSubmit={(event) => {
              event.preventDefault()
              // The portal's events travel up the component tree, into the page's form.
              event.stopPropagation()
              save()
            }}
          >
            <Stack>
              <TextInput
                label={m.common.name}
                description={m.contexts.nameHint}
                placeholder={m.contexts.namePlaceholder}
                maxLength={200}
                data-autofocus
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Text size="sm" c="dimmed">
                {existing === undefined ? m.contexts.everybody : m.contexts.replaces(existing.name)}
              </Text>
              <Group justify="flex-end">
                <Button variant="default" onClick={() => setName(null)}>
                  {m.common.cancel}
                </Button>
                <Button type="submit" disabled={name.trim() === ''} loading={create.isPending || change.isPending}>
                  {m.common.save}
                </Button>
              </Group>
            </Stack>
          </form>
        </Dialog>
      )}
    </Group>
  )
}
