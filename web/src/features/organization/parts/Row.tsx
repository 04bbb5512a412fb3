import { Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** What an action does, and the action. */
export function Row({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Group justify="space-between" py={8} gap="sm">
      <Text size="sm" c="dimmed" style={{ flex: '1 1 260px' }} maw={560}>
        {text}
      </Text>
      {children}
    </Group>
  )
}
