import { Badge } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useMessages } from '../i18n/messages'
import { useScope } from '../project/scope'

/** Leads to an experiment. */
export function ExperimentChip({ experiment }: { experiment: string }) {
  const m = useMessages()
  const scope = useScope()
  return (
    <Badge
      component={Link}
      to="/p/$org/$project/experiments/$experiment"
      params={{ ...scope, experiment } as never}
      size="sm"
      variant="light"
      tt="none"
      leftSection={<IconFlask size={12} aria-hidden />}
      style={{ cursor: 'pointer' }}
    >
      {m.targeting.experiment(experiment)}
    </Badge>
  )
}
