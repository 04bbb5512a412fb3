import { Group, Text } from '@mantine/core'
import { useLanguage } from '@/shared/i18n/messages'
import type { RampDetailView } from './api'
import { pointsOf, type Band, type Point } from './chart'
import { useRampMessages } from './texts/useRampMessages'

const width = 640
const height = 140

/** Error rates of the new variant and of the rest with the ranges in which they lie, and how strong the evidence is. */
export function RampChart({ detail }: { detail: RampDetailView }) {
  const m = useRampMessages()
  const { language } = useLanguage()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  const points = pointsOf(detail.observations)
  const last = detail.observations.at(-1)
  if (points.length < 2 || last === undefined || last.evaluations + last.restEvaluations === 0) {
    return (
      <Text size="sm" c="dimmed">
        {m.ramps.noNumbers}
      </Text>
    )
  }
  const [start, end] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1]
  // One wide range at the beginning must not flatten all that follows.
  const top = Math.max(0.001, ...points.slice(Math.floor(points.length / 3)).flatMap(({ ramped, rest }) => [ramped?.high ?? 0, rest?.high ?? 0])) * 1.1
  const x = (at: number) => ((at - start) / Math.max(1, end - start)) * width
  const y = (rate: number) => height - (Math.min(rate, top) / top) * height
  const line = (of: (point: Point) => Band | null) =>
    points.flatMap((point) => (of(point) === null ? [] : [`${x(point.at).toFixed(1)},${y(of(point)?.rate ?? 0).toFixed(1)}`])).join(' ')
  const band = (of: (point: Point) => Band | null) => {
    const known = points.filter((point) => of(point) !== null)
    return [...known.map((point) => [point.at, of(point)?.high ?? 0] as const), ...known.toReversed().map((point) => [point.at, of(point)?.low ?? 0] as const)]
      .map(([at, rate]) => `${x(at).toFixed(1)},${y(rate).toFixed(1)}`)
      .join(' ')
  }
  const colors = { ramped: '#d6409f', rest: '#3e8ed0' }
  const text = m.ramps.chart(
    detail.ramp.to,
    percent.format(points.at(-1)?.ramped?.rate ?? 0), number.format(last.evaluations),
    percent.format(points.at(-1)?.rest?.rate ?? 0), number.format(last.restEvaluations),
  )
  const strength = Math.min(1, Math.max(0, last.evidence / detail.threshold))
  return (
    <div>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={text} style={{ width: '100%', height, display: 'block' }} preserveAspectRatio="none">
        <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--togglr-border)" />
        <polygon points={band(({ rest }) => rest)} fill={colors.rest} opacity={0.18} />
        <polygon points={band(({ ramped }) => ramped)} fill={colors.ramped} opacity={0.18} />
        <polyline points={line(({ rest }) => rest)} fill="none" stroke={colors.rest} strokeWidth={2} vectorEffect="non-scaling-stroke" />
        <polyline points={line(({ ramped }) => ramped)} fill="none" stroke={colors.ramped} strokeWidth={2} vectorEffect="non-scaling-stroke" />
      </svg>
      <Group justify="space-between" mt={6} gap="xs">
        <Group gap="md">
          {(['ramped', 'rest'] as const).map((which) => (
            <Group key={which} gap={6} wrap="nowrap">
              <span aria-hidden style={{ width: 12, height: 12, borderRadius: 3, background: colors[which], flex: 'none' }} />
              <Text size="xs">
                {which === 'ramped'
                  ? m.ramps.line(detail.ramp.to, percent.format(points.at(-1)?.ramped?.rate ?? 0), number.format(last.errors), number.format(last.evaluations))
                  : m.ramps.line(m.ramps.rest, percent.format(points.at(-1)?.rest?.rate ?? 0), number.format(last.restErrors), number.format(last.restEvaluations))}
              </Text>
            </Group>
          ))}
        </Group>
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed">
            {m.ramps.evidence}
          </Text>
          <span role="meter" aria-label={m.ramps.evidence} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(strength * 100)} style={{ width: 90, height: 8, borderRadius: 4, background: 'var(--togglr-border)', overflow: 'hidden', display: 'block' }}>
            <span style={{ display: 'block', height: '100%', width: `${strength * 100}%`, background: strength >= 1 ? 'var(--mantine-color-red-7)' : strength > 0.5 ? 'var(--mantine-color-orange-6)' : 'var(--mantine-color-teal-7)' }} />
          </span>
        </Group>
      </Group>
    </div>
  )
}
