import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { isProblem } from '@/shared/api/problem'
import { Dialog } from '@/shared/components/Dialog'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '../texts/messages'
import { accessErrorText } from './accessError'

export type Named = { key: string; name: string; description: string }

type Props<T> = {
  title: string
  namePlaceholder: string
  create: Pick<UseMutationResult<T, Error, Named>, 'mutate' | 'isPending'>
  children?: ReactNode
  onClose: () => void
  onCreated: (created: T) => void
}

/** Names something new: a group, a role, a service account. */
export function CreateDialog<T>({ title, namePlaceholder, create, children, onClose, onCreated }: Props<T>) {
  const m = useMessages()
  const [value, setValue] = useState({ name: '', key: '' })
  const [description, setDescription] = useState('')
  const [error, setError] = useState<unknown>(null)
  const taken = isProblem(error) && error.status === 409 && error.code.includes('exists')
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{title}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isSimpleKey(value.key)) {
            create.mutate(
              { key: value.key, name: value.name.trim() || value.key, description: description.trim() },
              { onSuccess: onCreated, onError: setError },
            )
          }
        }}
      >
        <Stack>
          <NameAndKey
            value={value}
            onChange={(next) => {
              setValue(next)
              setError(null)
            }}
            namePlaceholder={namePlaceholder}
            isKey={isSimpleKey}
            keyHint={m.common.keyInvalidSimple}
            keyError={taken ? m.access.keyTaken : null}
          />
          <Textarea
            label={m.common.description}
            value={description}
            maxLength={1000}
            autosize
            minRows={2}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {children}
          {error !== null && !taken && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {accessErrorText(error, m)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!isSimpleKey(value.key)} loading={create.isPending}>
              {m.common.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
