import { Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react'
import type { TargetingProblem } from '../api/types'

/** What the server found, at the place that it is about. */
export function ProblemList({ problems }: { problems: TargetingProblem[] }) {
  if (problems.length === 0) {
    return null
  }
  return (
    <Stack gap={2} mt={4} role="status">
      {problems.map((problem, index) => (
        <Group key={index} gap={6} wrap="nowrap" align="flex-start">
          {problem.severity === 'error' ? (
            <IconCircleX size={15} color="var(--mantine-color-error)" aria-hidden style={{ flex: 'none', marginTop: 2 }} />
          ) : (
            <IconAlertTriangle size={15} color="var(--mantine-color-orange-6)" aria-hidden style={{ flex: 'none', marginTop: 2 }} />
          )}
          <Text size="xs" c={problem.severity === 'error' ? 'var(--mantine-color-error)' : undefined} style={{ overflowWrap: 'anywhere' }}>
            {problem.message}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}
