import { Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleX, IconInfoCircle, IconWand } from '@tabler/icons-react'
import { use } from 'react'
import type { TargetingProblem } from '../api/types'
import { FixContext } from './fixes'
import { fixText, problemText } from './problemText'
import { useAnalysisTexts } from './texts/useAnalysisTexts'

type Props = {
  problems: TargetingProblem[]
  /** Where each is, for lists that are not beside the place. */
  withPath?: boolean
}

/** What the server found, at the place that it is about, and what can be done about it with one click. */
export function ProblemList({ problems, withPath = false }: Props) {
  const texts = useAnalysisTexts()
  const apply = use(FixContext)
  if (problems.length === 0) {
    return null
  }
  return (
    <Stack gap={4} mt={4} role="status">
      {problems.map((problem, index) => (
        <div key={index}>
          <Group gap={6} wrap="nowrap" align="flex-start">
            <Mark severity={problem.severity} />
            <Text size="xs" c={problem.severity === 'error' ? 'var(--mantine-color-error)' : undefined} style={{ overflowWrap: 'anywhere' }}>
              {withPath && `${problem.path}: `}
              {problemText(problem, texts)}
            </Text>
          </Group>
          {apply !== undefined && problem.fixes.length > 0 && (
            <Group gap={6} ml={21} mt={2}>
              {problem.fixes.map((fix, at) => (
                <Button
                  key={at}
                  size="compact-xs"
                  variant="default"
                  leftSection={<IconWand size={13} aria-hidden />}
                  disabled={apply === null}
                  onClick={() => apply?.(fix)}
                >
                  {fixText(fix, problem, texts)}
                </Button>
              ))}
            </Group>
          )}
        </div>
      ))}
    </Stack>
  )
}

function Mark({ severity }: { severity: TargetingProblem['severity'] }) {
  const place = { flex: 'none', marginTop: 2 }
  switch (severity) {
    case 'error':
      return <IconCircleX size={15} color="var(--mantine-color-error)" aria-hidden style={place} />
    case 'warning':
      return <IconAlertTriangle size={15} color="var(--mantine-color-orange-6)" aria-hidden style={place} />
    case 'info':
      return <IconInfoCircle size={15} color="var(--mantine-color-blue-6)" aria-hidden style={place} />
  }
}
