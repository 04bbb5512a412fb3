import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { TypeKey } from '@/shared/components/TypeKey'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useEnvironmentActions } from './api/environments'

type Props = { scope: Scope; environment: EnvironmentView; onClose: () => void }

/** Deletes an environment after its key was typed: nobody does that by a slip. */
export function DeleteEnvironmentDialog({ scope, environment, onClose }: Props) {
  const m = useMessages()
  const { remove } = useEnvironmentActions(scope)
  const [typed, setTyped] = useState('')
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{m.environments.deleteTitle(environment.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === environment.key) {
            remove.mutate(environment.key, {
              onSuccess: () => {
                showDone(m.environments.deleted(environment.name), m)
                onClose()
              },
              onError: (error) => showError(m.errors.title, error, m),
            })
          }
        }}
      >
        <Stack>
          <EnvironmentMark environment={environment} />
          <Text size="sm">{m.environments.deleteText}</Text>
          <TypeKey wanted={environment.key} value={typed} onChange={setTyped} autoFocus />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" color="red" disabled={typed !== environment.key} loading={remove.isPending}>
              {m.environments.delete}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
