import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useViewActions, type SavedView } from '../api/views'

type Props = {
  scope: Scope
  /** Null: a new one. */
  view: SavedView | null
  query: string
  mayShare: boolean
  onSaved: (view: SavedView) => void
  onDeleted: (view: SavedView) => void
  onClose: () => void
}

/** Names a view, shares it, deletes it. Deleting can be taken back, so nobody is asked. */
export function ViewDialog({ scope, view, query, mayShare, onSaved, onDeleted, onClose }: Props) {
  const m = useMessages()
  const { create, change, remove } = useViewActions(scope)
  const [name, setName] = useState(view?.name ?? '')
  const [shared, setShared] = useState(view?.shared ?? false)
  const failed = (error: unknown) => showError(m.flagList.viewFailed, error, m)
  const saved = (done: SavedView) => {
    showDone(m.flagList.viewSaved(done.name), m)
    onSaved(done)
  }

  const save = () =>
    view === null
      ? create.mutate({ name: name.trim(), query, shared }, { onSuccess: saved, onError: failed })
      : change.mutate({ id: view.id, name: name.trim(), shared }, { onSuccess: saved, onError: failed })
  const drop = (gone: SavedView) =>
    remove.mutate(gone.id, {
      onError: failed,
      onSuccess: () => {
        showDone(m.flagList.viewDeleted(gone.name), m, () => create.mutate({ name: gone.name, query: gone.query, shared: gone.shared }, { onError: failed }))
        onDeleted(gone)
      },
    })

  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{view === null ? m.flagList.viewTitle : m.flagList.viewEditTitle(view.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack>
          <TextInput
            label={m.flagList.viewName}
            placeholder={m.flagList.viewNamePlaceholder}
            value={name}
            maxLength={200}
            required
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label={m.flagList.viewShare}
            description={mayShare ? undefined : m.flagList.viewMayNotShare}
            checked={shared}
            disabled={!mayShare || (view !== null && view.shared && !view.mine)}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <Group justify="space-between">
            {view === null ? (
              <span />
            ) : (
              <Button variant="subtle" color="red" leftSection={<IconTrash size={16} aria-hidden />} loading={remove.isPending} onClick={() => drop(view)}>
                {m.flagList.viewDelete}
              </Button>
            )}
            <Group>
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={name.trim() === ''} loading={create.isPending || change.isPending}>
                {m.common.save}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
