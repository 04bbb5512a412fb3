import { Alert, Button, Group, Text } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useMessages } from '../i18n/messages'

type Props = { who: string; field: string; theirs: string; onTakeTheirs: () => void }

/** Says at a field that somebody else changed it in the meantime, and to what. */
export function Clash({ who, field, theirs, onTakeTheirs }: Props) {
  const m = useMessages()
  return (
    <Alert color="orange" icon={<IconUsers />} role="status" p="xs" styles={{ message: { color: 'var(--mantine-color-text)' } }}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" flex={1} miw={200} style={{ overflowWrap: 'anywhere' }}>
          {m.flag.fieldChanged(who, field)} <span className="mono">{theirs.length > 200 ? `${theirs.slice(0, 200)}…` : theirs || '–'}</span>
        </Text>
        <Button size="compact-sm" variant="default" onClick={onTakeTheirs}>
          {m.flag.takeTheirs}
        </Button>
      </Group>
    </Alert>
  )
}
