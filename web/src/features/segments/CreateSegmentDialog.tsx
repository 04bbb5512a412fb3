import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { isSegmentKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useSegmentActions } from './api/segments'

type Props = { scope: Scope; onClose: () => void; onCreated: (key: string) => void }

export function CreateSegmentDialog({ scope, onClose, onCreated }: Props) {
  const m = useMessages()
  const { create } = useSegmentActions(scope)
  const [identity, setIdentity] = useState({ name: '', key: '' })
  const [description, setDescription] = useState('')
  const submit = () =>
    create.mutate(
      { key: identity.key, name: identity.name.trim() || identity.key, description: description.trim(), if: null },
      {
        onSuccess: (segment) => {
          showDone(m.segments.created(segment.name), m)
          onClose()
          onCreated(segment.key)
        },
        onError: (error) => showError(m.errors.title, error, m),
      },
    )
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{m.segments.create}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isSegmentKey(identity.key)) {
            submit()
          }
        }}
      >
        <Stack>
          <NameAndKey
            value={identity}
            onChange={setIdentity}
            namePlaceholder={m.segments.namePlaceholder}
            isKey={isSegmentKey}
            keyHint={m.common.keyInvalid}
            longestKey={100}
          />
          <Textarea
            label={m.common.description}
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!isSegmentKey(identity.key)} loading={create.isPending}>
              {m.common.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
