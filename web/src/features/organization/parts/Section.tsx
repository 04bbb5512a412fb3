import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = { title: string; text?: ReactNode; action?: ReactNode; children?: ReactNode }

/** One subject of a page, on a surface of its own. */
export function Section({ title, text, action, children }: Props) {
  return (
    <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }} aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="sm" mb={children ? 'sm' : 0}>
        <div style={{ flex: '1 1 220px', minWidth: 0 }}>
          <Title order={2} size="h5">
            {title}
          </Title>
          {text !== undefined && (
            <Text size="sm" c="dimmed" component="div" maw={640}>
              {text}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </section>
  )
}
