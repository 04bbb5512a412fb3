import { Group, Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = { title: string; text?: ReactNode; action?: ReactNode; children?: ReactNode }

/** One part of an account page: what it is, what it is for, and perhaps what can be done with it. */
export function Section({ title, text, action, children }: Props) {
  return (
    <Paper className="surface" p={{ base: 'md', sm: 'lg' }} component="section" mb="md">
      <Group justify="space-between" align="flex-start" mb={children === undefined ? 0 : 'md'}>
        <div style={{ minWidth: 0, flex: '1 1 240px' }}>
          <Title order={2} size="h4">
            {title}
          </Title>
          {text !== undefined && (
            <Text c="dimmed" size="sm" mt={2} component="div">
              {text}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </Paper>
  )
}
