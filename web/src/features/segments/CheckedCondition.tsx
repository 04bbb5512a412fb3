import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { SegmentView, TargetingFix } from '@/shared/api/types'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { applyFix } from '@/shared/targeting/applyFix'
import { ConditionEditor } from '@/shared/targeting/ConditionEditor'
import { isComplete, toCondition, toDraft, type GroupNode } from '@/shared/targeting/draft'
import { FixContext } from '@/shared/targeting/fixes'
import { parseCondition } from '@/shared/targeting/parse'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { problemsByNode } from '@/shared/targeting/problems'
import { useAnalysisTexts } from '@/shared/targeting/texts/useAnalysisTexts'
import { segmentAnalysisQuery } from './api/segments'

type Props = { scope: Scope; segment: SegmentView; root: GroupNode; onChange: (root: GroupNode) => void }

/** The editor of a segment's condition with what the server finds in it, beside the part that it is about. */
export function CheckedCondition({ scope, segment, root, onChange }: Props) {
  const m = useMessages()
  const texts = useAnalysisTexts()
  const { condition, paths } = useMemo(() => {
    const found = new Map<string, string>()
    return { condition: toCondition(root, found, '/if'), paths: found }
  }, [root])
  const [settled] = useDebouncedValue(condition, 350)
  const { data, isPlaceholderData } = useQuery({ ...segmentAnalysisQuery(scope, segment.key, settled, segment.version), enabled: isComplete(root) })
  const problems = data ?? []
  const byNode = problemsByNode(problems, paths)
  // The editor shows problems beside parts, not beside the whole.
  const shown = new Set([...byNode].flatMap(([id, list]) => (id === root.id ? [] : list)))
  // What is shown while the next answer is on its way is about an older draft.
  const isCurrent = data !== undefined && !isPlaceholderData && settled === condition

  const fix = (chosen: TargetingFix) => {
    try {
      onChange(toDraft(parseCondition(applyFix({ if: condition }, chosen).if, '/if')))
      showDone(texts.applied, m)
    } catch {
      showError(m.errors.title, new Error(texts.notApplied), m)
    }
  }

  return (
    <FixContext value={isCurrent ? fix : null}>
      <ConditionEditor root={root} onChange={onChange} problems={byNode} />
      <ProblemList problems={problems.filter((problem) => !shown.has(problem))} />
    </FixContext>
  )
}
