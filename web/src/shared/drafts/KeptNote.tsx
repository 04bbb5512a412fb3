import { Alert, Button, Group } from '@mantine/core'
import { IconRestore } from '@tabler/icons-react'
import { RelativeTime } from '../components/RelativeTime'
import { useMessages } from '../i18n/messages'

type Props = { at: Date | undefined; onDiscard: () => void }

/** Says that what stands in a form is not saved but was brought back after the page had been left. */
export function KeptNote({ at, onDiscard }: Props) {
  const m = useMessages()
  return at === undefined ? null : (
    <Alert color="blue" icon={<IconRestore />} role="status">
      <Group justify="space-between">
        <span>
          {m.save.restored} <RelativeTime at={at.toISOString()} />
        </span>
        <Button size="compact-sm" variant="default" onClick={onDiscard}>
          {m.save.discard}
        </Button>
      </Group>
    </Alert>
  )
}
