import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import { useCreateOrganization } from './createOrganization'

type Props = { onClose: () => void; onCreated: (organization: string) => void }

export default function CreateOrganizationDialog({ onClose, onCreated }: Props) {
  const m = useMessages()
  const create = useCreateOrganization()
  const [value, setValue] = useState({ name: '', key: '' })
  const ready = value.name.trim() !== '' && isSimpleKey(value.key)
  const submit = () =>
    create.mutate(
      { key: value.key, name: value.name.trim() },
      {
        onSuccess: (organization) => {
          showDone(m.home.organizationCreated(organization.name), m)
          onClose()
          onCreated(organization.key)
        },
        onError: (error) => !isProblem(error, 'already_exists') && showError(m.errors.title, error, m),
      },
    )
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{m.home.createOrganization}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            {m.home.createOrganizationText}
          </Text>
          <NameAndKey
            value={value}
            onChange={(next) => {
              create.reset()
              setValue(next)
            }}
            nameLabel={m.home.organizationName}
            isKey={isSimpleKey}
            keyHint={m.common.keyInvalidSimple}
            keyError={isProblem(create.error, 'already_exists') ? m.home.organizationExists : null}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending}>
              {m.common.create}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
