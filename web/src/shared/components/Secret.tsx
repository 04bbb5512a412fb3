import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useMessages } from '../i18n/messages'

type Props = { value: string; text: string; copyLabel: string; doneLabel: string; onDone: () => void }

/** A secret that is shown this once, with what it takes to carry it off. */
export function Secret({ value, text, copyLabel, doneLabel, onDone }: Props) {
  const m = useMessages()
  return (
    <Stack>
      <Text size="sm">{text}</Text>
      <Code block fz={14} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} data-testid="secret">
        {value}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              variant={copied ? 'light' : 'filled'}
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
              data-autofocus
            >
              {copied ? m.common.copied : copyLabel}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onDone}>
          {doneLabel}
        </Button>
      </Group>
    </Stack>
  )
}
