import { Group, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import type { LayerView } from '../api'
import { useMessages } from '../texts/messages'
import classes from './Allocation.module.css'
import { percentText } from './numbers'
import { StateBadge } from './StateBadge'

type Part = LayerView['experiments'][number]

/** The parts of a layer as a strip per environment: what runs is full, drafts are pale, what is free is empty. Told in words below. */
export function Allocation({ scope, parts }: { scope: Scope; parts: Part[] }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const { environments } = useEnvironments()
  const percent = (value: number) => percentText(value, language)
  if (parts.length === 0) {
    return (
      <Text size="sm" c="dimmed" mt="xs">
        {x.nothingIn}
      </Text>
    )
  }
  const names = [...new Set(parts.map(({ environment }) => environment))]
  const color = (part: Part) => variantColor(parts.indexOf(part))
  return (
    <Stack gap="md" mt="sm">
      {names.map((environment) => {
        const own = parts.filter((part) => part.environment === environment)
        const free = freeOf(own)
        return (
          <div key={environment}>
            <Group justify="space-between" gap="xs">
              <Text size="sm" fw={550}>
                {environments.find(({ key }) => key === environment)?.name ?? environment}
              </Text>
              <Text size="xs" c="dimmed">
                {x.free(percent(free))}
              </Text>
            </Group>
            <div className={classes.strip} aria-hidden>
              {own.map((part) => (
                <div key={part.experiment} className={classes.part} data-draft={part.state === 'draft' || undefined} title={x.shareOf(part.name, percent(part.from), percent(part.to))} style={{ left: `${part.from}%`, width: `${part.to - part.from}%`, background: color(part) }} />
              ))}
            </div>
            <Stack gap={2} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {own.map((part) => (
                <Group key={part.experiment} component="li" gap={8}>
                  <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: color(part), flex: 'none' }} />
                  <Text component={Link} to="/p/$org/$project/experiments/$experiment" params={{ ...scope, experiment: part.experiment } as never} size="sm" c="var(--mantine-color-anchor)">
                    {part.name}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {percent(part.from)} – {percent(part.to)}
                  </Text>
                  <StateBadge experiment={{ state: part.state, decision: null }} />
                </Group>
              ))}
            </Stack>
          </div>
        )
      })}
    </Stack>
  )
}

/** How much of a layer nobody has. */
export function freeOf(parts: { from: number; to: number }[]): number {
  let [end, free] = [0, 0]
  for (const { from, to } of [...parts].sort((a, b) => a.from - b.from)) {
    free += Math.max(0, from - end)
    end = Math.max(end, to)
  }
  return free + Math.max(0, 100 - end)
}
