import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { Dialog } from '@/shared/components/Dialog'
import { useMessages } from '../texts/messages'

type Props = { title: string; text: string; secret: string | null; onClose: () => void }

/** Shows something that can be seen only this once. */
export function SecretDialog({ title, text, secret, onClose }: Props) {
  const m = useMessages()
  return (
    <Dialog
      opened={secret !== null}
      onClose={onClose}
      // A click beside the dialogue must not lose the only sight of it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      title={<Text fw={650}>{title}</Text>}
    >
      <Stack>
        <Text size="sm">{text}</Text>
        <Code block fz={14} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} data-testid="secret">
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret ?? ''}>
            {({ copied, copy }) => (
              <Button
                variant={copied ? 'light' : 'filled'}
                leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
                onClick={copy}
                data-autofocus
              >
                {copied ? m.common.copied : m.common.copy}
              </Button>
            )}
          </CopyButton>
          <Button variant="default" onClick={onClose}>
            {m.access.secretDone}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
