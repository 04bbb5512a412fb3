import { Stack, Text, ThemeIcon, Title } from '@mantine/core'
import type { TablerIcon } from '@tabler/icons-react'
import type { ReactNode } from 'react'

type Props = { icon: TablerIcon; title: string; text?: string; children?: ReactNode }

/** What a page shows when it has nothing to show: what it is for, and the first step. */
export function EmptyState({ icon: Icon, title, text, children }: Props) {
  return (
    <Stack align="center" gap="xs" py={64} px="md">
      <ThemeIcon variant="light" size={56} radius="xl">
        <Icon size={28} stroke={1.6} aria-hidden />
      </ThemeIcon>
      <Title order={2} size="h4" mt="xs" ta="center">
        {title}
      </Title>
      {text && (
        <Text c="dimmed" ta="center" maw={460}>
          {text}
        </Text>
      )}
      {children}
    </Stack>
  )
}
