import { Group, SimpleGrid, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import { useNow } from '@/shared/schedules/useNow'
import type { ExperimentView } from '../api'
import { pText, powerOf, shareText } from './format'
import classes from './Results.module.css'
import type { Known } from './results'
import { useResultTexts } from './texts/messages'

type Tone = 'good' | 'bad' | 'attention' | 'unknown'

const marks = {
  good: { Icon: IconCircleCheck, color: 'var(--mantine-color-teal-6)' },
  bad: { Icon: IconCircleX, color: 'var(--mantine-color-red-6)' },
  attention: { Icon: IconAlertTriangle, color: 'var(--mantine-color-orange-6)' },
  unknown: { Icon: IconHelpCircle, color: 'var(--mantine-color-dimmed)' },
}

const hour = 3_600_000

/** Whether the data can be trusted, and whether there is enough of it. */
export function HealthStrip({ experiment, known: { at, result } }: { experiment: ExperimentView; known: Known }) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const now = useNow()
  const { health } = result
  const { mismatchPValue, sequentialMismatchPValue, isMismatch, mixedShare, isMixed } = health
  const tested = [mismatchPValue, sequentialMismatchPValue].filter((p) => p != null)
  const p = tested.length === 0 ? null : isMismatch === true ? Math.min(...tested) : (mismatchPValue ?? null)
  const { detectable, wanted, enough } = powerOf(result.metrics, experiment.plan.metrics ?? [])
  const isOver = experiment.stoppedAt !== null
  const isOld = !isOver && experiment.state === 'running' && now - Date.parse(at) > hour
  return (
    <div>
      <Text component="h3" size="sm" fw={600} mb="xs">
        {r.health}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="xs" role="list">
        <Tile name={r.srm} tone={isMismatch === true ? 'bad' : p === null ? 'unknown' : 'good'} hint={r.srmHint}>
          {p === null ? r.unknown : isMismatch === true ? r.srmBad(p < 0.001 ? pText(p, language) : `= ${pText(p, language)}`) : r.srmOk(pText(p, language))}
        </Tile>
        <Tile name={r.power} tone={enough === null ? 'unknown' : enough ? 'good' : 'attention'} hint={wanted === null ? r.powerNone : r.powerWanted(shareText(wanted, language))}>
          {detectable === null ? r.unknown : r.powerOf(`±${shareText(detectable, language)}`)}
        </Tile>
        <Tile name={r.mixed} tone={isMixed === true ? 'bad' : 'good'} hint={r.mixedHint}>
          {r.mixedOf(shareText(mixedShare ?? 0, language))}
        </Tile>
        <Tile name={r.fresh} tone={isOld ? 'attention' : 'good'} hint={isOver ? r.freshOver : isOld ? r.freshOld : r.freshHint}>
          <RelativeTime at={at} />
        </Tile>
      </SimpleGrid>
    </div>
  )
}

function Tile({ name, tone, hint, children }: { name: string; tone: Tone; hint: string; children: ReactNode }) {
  const { r } = useResultTexts()
  const { Icon, color } = marks[tone]
  return (
    <div className={classes.tile} role="listitem" data-tone={tone}>
      <Group gap={6} wrap="nowrap">
        <Icon size={16} color={color} role="img" aria-label={r[tone]} style={{ flex: 'none' }} />
        <Text size="xs" c="dimmed">
          {name}
        </Text>
      </Group>
      <Text size="sm" fw={600} component="div">
        {children}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </div>
  )
}
