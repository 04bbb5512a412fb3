import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { showAccessError } from './accessError'
import { Section } from './Section'

type Body = { name: string; description: string; version: number }
type Props = {
  current: Body
  update: Pick<UseMutationResult<unknown, Error, Body>, 'mutateAsync' | 'isPending'>
  disabled: boolean
}

/** Name and description of something that has both. */
export function NameSection({ current, update, disabled }: Props) {
  const m = useMessages()
  const [name, setName] = useState(current.name)
  const [description, setDescription] = useState(current.description)
  const changed = name.trim() !== current.name || description.trim() !== current.description
  return (
    <Section title={m.access.nameAndDescription}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // Not as callbacks of mutate: the new version replaces this form before they would be called.
          update.mutateAsync({ name: name.trim(), description: description.trim(), version: current.version }).then(
            () => showDone(m.access.saved, m),
            (error: unknown) => showAccessError(error, m),
          )
        }}
      >
        <Stack gap="sm" maw={520}>
          <TextInput label={m.common.name} value={name} maxLength={200} disabled={disabled} onChange={(event) => setName(event.currentTarget.value)} />
          <Textarea
            label={m.common.description}
            value={description}
            maxLength={1000}
            autosize
            minRows={2}
            disabled={disabled}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {!disabled && (
            <Group>
              <Button type="submit" disabled={!changed || name.trim() === ''} loading={update.isPending}>
                {m.common.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Section>
  )
}
