import { Badge } from '@mantine/core'
import type { ExperimentView } from '../api'
import { useMessages } from '../texts/messages'

const colors = { draft: 'gray', running: 'teal', paused: 'orange', stopped: 'blue', decided: 'brand', archived: 'gray' }

/** Where an experiment is; of one that was decided, what came of it. */
export function StateBadge({ experiment, size = 'sm' }: { experiment: Pick<ExperimentView, 'state' | 'decision'>; size?: 'sm' | 'md' }) {
  const { x } = useMessages()
  const { state, decision } = experiment
  return (
    <Badge size={size} variant="light" tt="none" color={colors[state]} style={{ flex: 'none' }}>
      {state === 'decided' && decision !== null ? x.decisions[decision.decision] : x.states[state]}
    </Badge>
  )
}
