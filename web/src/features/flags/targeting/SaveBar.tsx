import { Button, Group, Paper, Text } from '@mantine/core'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import { environmentColor } from '@/shared/project/scope'

type Props = {
  changes: number
  blocked: boolean
  environment: EnvironmentView
  onDiscard: () => void
  onReview: () => void
}

/** Stays in sight while something is not saved. */
export function SaveBar({ changes, blocked, environment, onDiscard, onReview }: Props) {
  const m = useMessages()
  return (
    <Paper
      shadow="lg"
      p="sm"
      px="md"
      role="region"
      aria-label={m.save.pending(changes)}
      style={{
        position: 'sticky',
        bottom: 12,
        zIndex: 5,
        border: '1px solid var(--togglr-border)',
        borderTop: `3px solid ${environmentColor(environment)}`,
      }}
    >
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          <EnvironmentMark environment={environment} />
          <Text size="sm" fw={600} aria-live="polite">
            {m.save.pending(changes)}
          </Text>
          {blocked && (
            <Text size="sm" c="var(--mantine-color-error)">
              {m.save.blocked}
            </Text>
          )}
        </Group>
        <Group gap="xs">
          <Button variant="default" onClick={onDiscard}>
            {m.save.discard}
          </Button>
          <Button onClick={onReview} disabled={blocked}>
            {m.save.review}
          </Button>
        </Group>
      </Group>
    </Paper>
  )
}
