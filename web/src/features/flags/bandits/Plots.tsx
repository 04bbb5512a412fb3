import { Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import { numberText } from '@/shared/i18n/numbers'
import { useTimeZone } from '@/shared/project/timeZone'
import type { AlgorithmHistoryView, BanditState } from './api'
import classes from './Bandit.module.css'
import { areaOf, densitiesOf, regretOf, stretchesOf } from './charts'
import { shareFormat } from './format'
import { useBanditTexts } from './texts/useBanditTexts'

/** The colour of a variant, by its place in the flag. */
export type ColorOf = (variant: string) => string

export function Legend({ name, color, value }: { name: string; color: string; value?: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span className={classes.dot} style={{ background: color }} aria-hidden />
      <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
        {name} {value !== undefined && <b className={classes.number}>{value}</b>}
      </Text>
    </Group>
  )
}

function useTime() {
  const { language } = useLanguage()
  const timeZone = useTimeZone()
  const format = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZone })
  return (at: string) => format.format(Date.parse(at))
}

type WeightsProps = { history: AlgorithmHistoryView; cell: string; arms: readonly string[]; colorOf: ColorOf }

/** The shares over time as a stacked area; pointing at a moment tells its shares. */
export function WeightsPlot({ history, cell, arms, colorOf }: WeightsProps) {
  const t = useBanditTexts()
  const { language } = useLanguage()
  const time = useTime()
  const share = shareFormat(language)
  const [place, setPlace] = useState<number | null>(null)
  const stretches = stretchesOf(history, cell, arms)
  const last = stretches.at(-1)
  if (last === undefined) {
    return <Text size="sm" c="dimmed">{t.notEnough}</Text>
  }
  const shown = place === null ? last : (stretches.find(({ from, to }) => place >= from && place < to) ?? last)
  return (
    <div>
      <Group gap="md" mb={6} mih={22}>
        {arms.map((arm, i) => (
          <Legend key={arm} name={arm} color={colorOf(arm)} value={share(shown.shares[i] ?? 0)} />
        ))}
        {place !== null && <Text size="xs" c="dimmed">{time(shown.at)}</Text>}
      </Group>
      <div
        className={classes.plot}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect()
          setPlace((event.clientX - box.left) / box.width)
        }}
        onPointerLeave={() => setPlace(null)}
      >
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={t.weightsLabel(arms.map((arm, i) => `${arm} ${share(last.shares[i] ?? 0)}`).join(', '))}>
          {arms.map((arm, i) => (
            <path key={arm} d={areaOf(stretches, i)} fill={colorOf(arm)} fillOpacity={0.85} />
          ))}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{time(history.from)}</span>
        <span>{time(history.to)}</span>
      </div>
    </div>
  )
}

type DensityProps = { arms: BanditState['arms']; colorOf: ColorOf; reward: (value: number) => string }

/** What is believed of every mean reward. */
export function DensityPlot({ arms, colorOf, reward }: DensityProps) {
  const t = useBanditTexts()
  const drawn = densitiesOf(arms)
  if (drawn === null) {
    return <Text size="sm" c="dimmed">{t.notEnough}</Text>
  }
  return (
    <div>
      <Group gap="md" mb={6} mih={22}>
        {arms.map(({ variant, belief }) => (
          <Legend key={variant} name={variant} color={colorOf(variant)} value={reward(belief.mean)} />
        ))}
      </Group>
      <div className={classes.plot}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={t.densityLabel(arms.map(({ variant, belief }) => `${variant} ${reward(belief.mean)}`).join(', '))}>
          {drawn.lines.map(({ variant, points, mean }) => (
            <g key={variant}>
              <polygon points={`${points.split(' ')[0]?.split(',')[0] ?? 0},100 ${points} ${points.split(' ').at(-1)?.split(',')[0] ?? 0},100`} fill={colorOf(variant)} fillOpacity={0.15} />
              <polyline points={points} fill="none" stroke={colorOf(variant)} strokeWidth={2} vectorEffect="non-scaling-stroke" />
              <line x1={mean} x2={mean} y1={92} y2={100} stroke={colorOf(variant)} strokeWidth={2} vectorEffect="non-scaling-stroke" />
            </g>
          ))}
        </svg>
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{reward(drawn.low)}</span>
        <span>{reward(drawn.high)}</span>
      </div>
    </div>
  )
}

/** What was lost to the best variant, beside what equal shares would have lost. */
export function RegretPlot({ history, startedAt, regret }: { history: AlgorithmHistoryView; startedAt: string; regret: BanditState['regret'] }) {
  const t = useBanditTexts()
  const { language } = useLanguage()
  const time = useTime()
  const drawn = regretOf(history, startedAt)
  const [own, uniform] = [numberText(regret.estimate, language), numberText(regret.uniform, language)]
  return (
    <div>
      <Group gap="md" mb={6} mih={22}>
        <Legend name={t.byBandit} color="var(--mantine-primary-color-filled)" value={own} />
        <Legend name={t.byUniform} color="var(--mantine-color-gray-6)" value={uniform} />
      </Group>
      {drawn === null ? (
        <Text size="sm" c="dimmed">{t.notEnough}</Text>
      ) : (
        <>
          <div className={classes.plot}>
            <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={t.regretLabel(own, uniform)}>
              <polyline points={drawn.uniform} fill="none" stroke="var(--mantine-color-gray-6)" strokeWidth={2} strokeDasharray="6 5" vectorEffect="non-scaling-stroke" />
              <polyline points={drawn.own} fill="none" stroke="var(--mantine-primary-color-filled)" strokeWidth={2} vectorEffect="non-scaling-stroke" />
            </svg>
          </div>
          <div className={classes.axis} aria-hidden>
            <span>{time(history.from)}</span>
            <span>{time(history.to)}</span>
          </div>
        </>
      )}
    </div>
  )
}
