import { Badge } from '@mantine/core'
import type { HealthState } from './api'
import { useHealthTexts } from './texts/useHealthTexts'

const colors: Record<HealthState, string> = { healthy: 'teal', degraded: 'yellow', failing: 'red', disabled: 'red', trial: 'blue' }

/** How a flag does. */
export function HealthBadge({ state, size = 'sm' }: { state: HealthState; size?: 'xs' | 'sm' | 'md' }) {
  const t = useHealthTexts()
  return (
    <Badge variant={state === 'failing' || state === 'disabled' ? 'light' : 'dot'} color={colors[state]} tt="none" size={size} style={{ flex: 'none' }}>
      {t.states[state]}
    </Badge>
  )
}
