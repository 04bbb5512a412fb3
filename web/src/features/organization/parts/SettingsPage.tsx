import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = { title: ReactNode; subtitle?: ReactNode; count?: string; action?: ReactNode; children: ReactNode; width?: number }

/** The frame of a page of the administration: what it is, what it is for, and its main action. */
export function SettingsPage({ title, subtitle, count, action, children, width = 1180 }: Props) {
  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: width }}>
      <Group justify="space-between" mb="md" align="flex-start" gap="sm">
        <div style={{ flex: '1 1 260px', minWidth: 0 }}>
          <Group gap="sm" align="baseline">
            <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {count !== undefined && (
              <Text c="dimmed" size="sm">
                {count}
              </Text>
            )}
          </Group>
          {subtitle !== undefined && (
            <Text c="dimmed" size="sm" component="div">
              {subtitle}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </div>
  )
}
