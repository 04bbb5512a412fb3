import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { TargetingProblem } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'
import { problemsByNode } from '@/shared/targeting/problems'
import { analysisQuery } from '../api/configuration'
import type { WorkingCopy } from './useWorkingCopy'

/** What the server finds in the draft, asked a moment after the last change. */
export function useAnalysis(scope: Scope, flag: string, environment: string, work: WorkingCopy | null) {
  const [settled] = useDebouncedValue(work?.current ?? null, 350)
  const { data, isPlaceholderData } = useQuery({
    ...analysisQuery(scope, flag, environment, settled ?? emptyConfiguration),
    enabled: settled !== null,
  })
  const problems: TargetingProblem[] = data ?? []
  // What is shown while the next answer is on its way is about an older draft.
  const isCurrent = data !== undefined && !isPlaceholderData && settled === work?.current
  return { problems, isCurrent, byNode: problemsByNode(problems, work?.paths ?? new Map()) }
}

const emptyConfiguration = { prerequisites: [], targets: [], rules: [], default: { off: true as const }, offVariant: null }
