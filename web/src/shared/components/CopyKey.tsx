import { ActionIcon, CopyButton, Group, Text, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useMessages } from '../i18n/messages'

/** A key in monospace with a button that copies it. */
export function CopyKey({ value, size = 'xs' }: { value: string; size?: 'xs' | 'sm' }) {
  const m = useMessages()
  return (
    <Group gap={2} wrap="nowrap" miw={0}>
      <Text span size={size} c="dimmed" className="mono" truncate title={value}>
        {value}
      </Text>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? m.common.copied : m.common.copy}>
            <ActionIcon
              variant="subtle"
              color={copied ? 'teal' : 'gray'}
              size="xs"
              aria-label={m.common.copyKey(value)}
              onClick={(event) => {
                event.preventDefault()
                event.stopPropagation()
                copy()
              }}
            >
              {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}
