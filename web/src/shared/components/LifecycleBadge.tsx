import { Badge, Tooltip } from '@mantine/core'
import type { LifecycleView } from '../api/types'
import { useMessages } from '../i18n/messages'

const colors = { new: 'blue', active: 'teal', stale: 'orange', archived: 'gray' } as const

/** Where a flag is in its life, with the reasons on hover and focus. */
export function LifecycleBadge({ lifecycle, size = 'sm', focusable = true }: { lifecycle: LifecycleView; size?: 'xs' | 'sm'; focusable?: boolean }) {
  const m = useMessages()
  const hint =
    lifecycle.reasons.length > 0
      ? lifecycle.reasons.map((reason) => m.lifecycle.reasons[reason]).join(' ')
      : m.lifecycle[`${lifecycle.stage}Hint`]
  return (
    <Tooltip label={hint} multiline maw={280}>
      <Badge variant="light" color={colors[lifecycle.stage]} tt="none" size={size} tabIndex={focusable ? 0 : undefined} aria-label={`${m.lifecycle.title}: ${m.lifecycle[lifecycle.stage]}. ${hint}`} role="img">
        {m.lifecycle[lifecycle.stage]}
      </Badge>
    </Tooltip>
  )
}
