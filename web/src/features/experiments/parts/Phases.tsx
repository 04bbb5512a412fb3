import { Badge, Group, Stack, Text } from '@mantine/core'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage } from '@/shared/i18n/messages'
import { useTimeZone } from '@/shared/project/timeZone'
import { RolloutBar } from '@/shared/targeting/RolloutBar'
import type { ExperimentView } from '../api'
import { useMessages } from '../texts/messages'
import { percentText } from './numbers'

/** The phases of an experiment, the newest first, each with who got what in it. */
export function Phases({ experiment }: { experiment: ExperimentView }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const timeZone = useTimeZone()
  const time = (at: string) => new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone })
  const order = experiment.variations.map(({ key }) => key)
  return (
    <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: 'none' }}>
      {experiment.phases.map(({ number, traffic, variations, seed, startedAt, startedBy, endedAt, reason, pauses }, index) => {
        const whole = variations.reduce((sum, { weight }) => sum + weight, 0)
        const before = experiment.phases[index + 1]
        return (
          <div key={number} role="listitem">
            <Group gap="xs" mb={4}>
              <Text fw={600} size="sm">
                {x.phase(number)}
              </Text>
              {endedAt === null && (
                <Badge size="sm" variant="light" color="teal" tt="none">
                  {x.now}
                </Badge>
              )}
              {before !== undefined && before.seed !== seed && (
                <Badge size="sm" variant="light" color="orange" tt="none">
                  {x.reshuffled}
                </Badge>
              )}
              <Text size="xs" c="dimmed">
                {x.since} {time(startedAt)}
                {endedAt !== null && ` ${x.until} ${time(endedAt)}`}
                {startedBy !== null && ` · ${startedBy.name}`}
              </Text>
            </Group>
            <RolloutBar parts={variations.map(({ key, weight }) => ({ key, share: whole === 0 ? 0 : (weight * traffic * 100) / whole, color: variantColor(order.indexOf(key)) })).concat({ key: x.outsideTraffic, share: 10_000 - traffic * 100, color: 'transparent' })} height={10} />
            <Text size="xs" c="dimmed" mt={4}>
              {x.of(percentText(traffic, language))}: {variations.map(({ key, weight }) => `${key} ${percentText(whole === 0 ? 0 : (weight * 100) / whole, language)}`).join(', ')}
              {reason !== null && ` · ${reason}`}
            </Text>
            {pauses.length > 0 && (
              <Text size="xs" c="dimmed">
                {x.pausedTimes} {pauses.map(({ from, to }) => `${time(from)} – ${to == null ? x.now : time(to)}`).join(', ')}
              </Text>
            )}
          </div>
        )
      })}
    </Stack>
  )
}
