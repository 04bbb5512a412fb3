import { Group, Skeleton, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { TestFrame } from '@/shared/targeting/TestFrame'
import classes from '@/shared/targeting/TestPanel.module.css'
import type { useSegmentTest } from './useSegmentTest'

type Props = { scope: Scope; test: ReturnType<typeof useSegmentTest>; dirty: boolean; onClose: () => void }

/** Asks the segment beside it about somebody, while its condition is being edited. */
export function SegmentTestPanel({ scope, test, dirty, onClose }: Props) {
  const m = useMessages()
  const { answer } = test
  return (
    <TestFrame scope={scope} title={m.segmentTest.title} hint={m.segmentTest.hint} test={test} onClose={onClose}>
      <div className={classes.answer} role="status">
        {answer.isError ? (
          <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
        ) : answer.data === undefined ? (
          <Skeleton height={54} />
        ) : (
          <>
            <Text size="xs" c="dimmed">
              {test.targetingKey === '' ? m.segmentTest.somebody : <span className="mono">{test.targetingKey}</span>}
            </Text>
            <Group gap={8} wrap="nowrap">
              {answer.data.isIn ? (
                <IconCircleCheck size={20} color="var(--mantine-color-teal-6)" aria-hidden />
              ) : (
                <IconCircleX size={20} color="var(--mantine-color-gray-6)" aria-hidden />
              )}
              <Text fw={700} size="lg">
                {answer.data.isIn ? m.segmentTest.isIn : m.segmentTest.isOut}
              </Text>
            </Group>
            <Text size="sm">{m.segmentTest.because[answer.data.decidedBy as keyof typeof m.segmentTest.because]}</Text>
          </>
        )}
      </div>
      {dirty && (
        <Text size="xs" c="dimmed" mt={6}>
          {m.test.draft}
        </Text>
      )}
    </TestFrame>
  )
}
