import { Button, Code, CopyButton, Group, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import type { EnvironmentView, SdkKeyKind } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useSdkKeyActions } from './api/sdkKeys'

type Props = { scope: Scope; environment: EnvironmentView; onClose: () => void }

/** Makes a key and shows it this once. */
export function NewKeyDialog({ scope, environment, onClose }: Props) {
  const m = useMessages()
  const { create } = useSdkKeyActions(scope, environment.key)
  const [name, setName] = useState('')
  const [kind, setKind] = useState<SdkKeyKind>('server')
  const [expires, setExpires] = useState('')
  const [secret, setSecret] = useState<string | null>(null)

  const submit = () =>
    create.mutate(
      { name: name.trim(), kind, expiresAt: expires === '' ? null : new Date(`${expires}T00:00:00`).toISOString() },
      {
        onSuccess: (key) => setSecret(key.secret ?? ''),
        onError: (error) => showError(m.errors.title, error, m),
      },
    )

  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside the dialogue must not lose the only sight of the secret.
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      withCloseButton={secret === null}
      title={<Text fw={650}>{secret === null ? m.environments.newKey : m.environments.secretTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {secret === null ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') {
              submit()
            }
          }}
        >
          <Stack>
            <EnvironmentMark environment={environment} />
            <TextInput
              label={m.environments.keyName}
              placeholder={m.environments.keyNamePlaceholder}
              value={name}
              maxLength={100}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <div>
              <SegmentedControl
                fullWidth
                aria-label={m.common.kind}
                value={kind}
                onChange={(value) => setKind(value as SdkKeyKind)}
                data={[
                  { value: 'server', label: m.environments.server },
                  { value: 'client', label: m.environments.client },
                ]}
              />
              <Text size="xs" c="dimmed" mt={4}>
                {kind === 'server' ? m.environments.serverHint : m.environments.clientHint}
              </Text>
            </div>
            <TextInput
              type="date"
              label={m.environments.expires}
              description={m.environments.expiresHint}
              value={expires}
              onChange={(event) => setExpires(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
                {m.common.create}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack>
          <Text size="sm">{m.environments.secretText}</Text>
          <Code block fz={14} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} data-testid="secret">
            {secret}
          </Code>
          <Group justify="flex-end">
            <CopyButton value={secret}>
              {({ copied, copy }) => (
                <Button
                  variant={copied ? 'light' : 'filled'}
                  leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
                  onClick={copy}
                >
                  {copied ? m.common.copied : m.environments.copyKey}
                </Button>
              )}
            </CopyButton>
            <Button variant="default" onClick={onClose}>
              {m.environments.secretDone}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
