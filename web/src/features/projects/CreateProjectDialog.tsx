import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import { useCreateProject } from './createProject'

type Props = { org: string; onClose: () => void; onCreated: (project: string) => void }

export default function CreateProjectDialog({ org, onClose, onCreated }: Props) {
  const m = useMessages()
  const create = useCreateProject(org)
  const [value, setValue] = useState({ name: '', key: '' })
  const submit = () =>
    create.mutate(
      { key: value.key, name: value.name.trim() },
      {
        onSuccess: (project) => {
          showDone(m.projects.created(project.name), m)
          onClose()
          onCreated(project.key)
        },
        onError: (error) => showError(m.errors.title, error, m),
      },
    )
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{m.projects.create}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            {m.projects.emptyText}
          </Text>
          <NameAndKey
            value={value}
            onChange={setValue}
            nameLabel={m.projects.name}
            isKey={isSimpleKey}
            keyHint={m.common.keyInvalidSimple}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={value.name.trim() === '' || !isSimpleKey(value.key)} loading={create.isPending}>
              {m.projects.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
