import { Button } from '@mantine/core'
import { IconStairsUp } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useRampMessages } from './texts/useRampMessages'

/** Leads from what is served to the ramp that changes it step by step. */
export function RampLink({ rule }: { rule: string | null }) {
  const m = useRampMessages()
  const navigate = useNavigate()
  return (
    <Button
      variant="subtle"
      size="compact-sm"
      mt={6}
      leftSection={<IconStairsUp size={15} aria-hidden />}
      onClick={() => void navigate({ to: '.', search: (previous: Record<string, unknown>) => ({ ...previous, tab: 'schedules', ramp: rule ?? 'default' }) } as never)}
    >
      {m.ramps.fromHere}
    </Button>
  )
}
