import { Avatar } from '@mantine/core'
import { IconCpu, IconPlugConnected, IconRobot } from '@tabler/icons-react'
import type { AuditEntryView } from '../api/types'

const icons = { service_account: IconRobot, provider: IconPlugConnected, system: IconCpu }

/** A person by their initials, everything else by a picture of its kind. */
export function ActorIcon({ actor, size = 30 }: { actor: AuditEntryView['actor']; size?: number }) {
  const Icon = icons[actor.kind as keyof typeof icons]
  return Icon ? (
    <Avatar size={size} radius="xl" color="gray" aria-hidden>
      <Icon size={size * 0.58} stroke={1.7} />
    </Avatar>
  ) : (
    <Avatar size={size} radius="xl" name={actor.name} color="brand" aria-hidden />
  )
}
