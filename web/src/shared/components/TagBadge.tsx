import { Badge } from '@mantine/core'
import { IconAlertTriangle, IconHeartBroken, IconLock } from '@tabler/icons-react'
import type { TagView } from '../api/types'

const safety: Record<string, typeof IconLock> = {
  critical: IconAlertTriangle,
  guarded: IconLock,
  'auto-disable': IconHeartBroken,
}

/** A tag in its colour; the tags that change how a flag is protected wear an icon. */
export function TagBadge({ tag }: { tag: Pick<TagView, 'key' | 'name' | 'color'> }) {
  const Icon = safety[tag.key]
  const color = tag.color.startsWith('#') ? tag.color : `var(--mantine-color-${tag.color || 'gray'}-6)`
  return (
    <Badge
      size="sm"
      tt="none"
      fw={550}
      variant="default"
      leftSection={
        Icon ? (
          <Icon size={11} color={color} aria-hidden />
        ) : (
          <span aria-hidden style={{ display: 'block', width: 7, height: 7, borderRadius: 7, background: color }} />
        )
      }
      styles={{ root: { flexShrink: 1, minWidth: 0, background: 'var(--togglr-subtle)', borderColor: 'var(--togglr-border)' } }}
    >
      {tag.name || tag.key}
    </Badge>
  )
}
