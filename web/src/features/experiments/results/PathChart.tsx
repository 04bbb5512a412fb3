import { Group, Select, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { useLanguage } from '@/shared/i18n/messages'
import { numberText } from '@/shared/i18n/numbers'
import type { ExperimentView } from '../api'
import { AsTable } from './AsTable'
import { chanceText, sinceText } from './format'
import { crosses, pathOf, type PathPoint } from './history'
import classes from './Results.module.css'
import type { AnalysisResult, Known } from './results'
import { useResultTexts } from './texts/messages'

type Props = { experiment: Pick<ExperimentView, 'metrics' | 'plan'>; result: AnalysisResult; history: readonly Known[] }

/** Where a plan with one look has no way to show. */
export const hasPath = ({ method, looks }: AnalysisResult) => looks == null || looks > 1 || method === 'alwaysValid' || method === 'bayesian'

/** The evidence for a comparison at each look, against the boundary that the plan drew. */
export function PathChart({ experiment, result, history }: Props) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const choices = result.metrics
    .filter(({ role }) => role === 'primary')
    .flatMap(({ metric, comparisons }) =>
      comparisons.map(({ variant }) => ({ metric, variant, value: `${metric}/${variant}`, label: `${experiment.metrics.find(({ key }) => key === metric)?.name ?? metric}: ${variant}` })),
    )
  const [wanted, setWanted] = useState<string | null>(null)
  const chosen = choices.find(({ value }) => value === wanted) ?? choices[0]
  if (chosen === undefined) {
    return null
  }
  const isBayesian = result.method === 'bayesian'
  const points = pathOf(history, chosen.metric, chosen.variant)
  const days = result.looks == null ? [] : (experiment.plan.lookDays ?? [])
  const text = (value: number | null) => (value === null ? '—' : isBayesian ? chanceText(value, language) : numberText(value, language, true))
  const latest = points.at(-1)
  return (
    <div>
      <Group justify="space-between" align="flex-end" gap="xs" mb="xs">
        <Text component="h3" size="sm" fw={600}>
          {r.path}
        </Text>
        {choices.length > 1 && <Select size="xs" aria-label={r.choosePath} data={choices} value={chosen.value} onChange={setWanted} allowDeselect={false} w={240} maw="100%" />}
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {isBayesian ? r.pathBayesian : r.pathHint} {days.length === 0 ? r.pathHintAny : r.later}
      </Text>
      {latest === undefined ? (
        <Text size="sm" c="dimmed">
          {r.noPath}
        </Text>
      ) : (
        <>
          <Plot points={points} days={days} isBayesian={isBayesian} label={r.pathLabel(chosen.variant, chosen.label, text(latest.value))} text={text} end={Math.max(result.days, ...days)} />
          <AsTable label={r.path} width={560}>
            <Table.Thead>
              <Table.Tr>
                {[r.look, r.when, r.evidence, r.boundary, r.outcome].map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {points.map((point) => (
                <Table.Tr key={point.look}>
                  <Table.Td>{point.look}</Table.Td>
                  <Table.Td>{sinceText(point.day, language, r.day)}</Table.Td>
                  <Table.Td>{text(point.value)}</Table.Td>
                  <Table.Td>{isBayesian ? `${text(point.lower)} / ${text(point.upper)}` : point.upper === null ? '—' : `±${numberText(point.upper, language)}`}</Table.Td>
                  <Table.Td>{crosses(point) ? r.crossed : r.inside}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </AsTable>
        </>
      )}
    </div>
  )
}

type PlotProps = { points: readonly PathPoint[]; days: readonly number[]; isBayesian: boolean; label: string; text: (value: number | null) => string; end: number }

function Plot({ points, days, isBayesian, label, text, end }: PlotProps) {
  const { r } = useResultTexts()
  const { language } = useLanguage()
  const reach = Math.max(1, ...points.flatMap(({ value, upper }) => [Math.abs(value), upper ?? 0])) * 1.15
  const [low, high] = isBayesian ? [0, 1] : [-reach, reach]
  const span = Math.max(end, 1e-6)
  const left = (day: number) => Math.min(100, (day / span) * 100)
  const top = (value: number) => 100 - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * 100
  const line = (of: (point: PathPoint) => number | null) =>
    points
      .flatMap((point) => {
        const value = of(point)
        return value === null ? [] : [`${left(point.day).toFixed(2)},${top(value).toFixed(2)}`]
      })
      .join(' ')
  const first = points[0]
  const ends = first?.upper == null || first.lower === null ? [] : [first.upper, first.lower]
  return (
    <div>
      <div className={classes.plot}>
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={label}>
          <line x1={0} x2={100} y1={top(isBayesian ? 0.5 : 0)} y2={top(isBayesian ? 0.5 : 0)} stroke="var(--togglr-border)" vectorEffect="non-scaling-stroke" />
          {days.map((day) => (
            <line key={day} x1={left(day)} x2={left(day)} y1={0} y2={100} stroke="var(--togglr-border)" strokeDasharray="2 4" vectorEffect="non-scaling-stroke">
              <title>{r.plannedLook(day)}</title>
            </line>
          ))}
          {[(point: PathPoint) => point.upper, (point: PathPoint) => point.lower].map((of, i) => (
            <polyline key={i} points={line(of)} fill="none" stroke="var(--mantine-color-red-6)" strokeWidth={1.5} strokeDasharray="6 5" vectorEffect="non-scaling-stroke" />
          ))}
          <polyline points={line(({ value }) => value)} fill="none" stroke="var(--mantine-primary-color-filled)" strokeWidth={2} vectorEffect="non-scaling-stroke" />
        </svg>
        {points.map((point) => (
          <span key={point.look} className={classes.dot} data-outside={crosses(point) || undefined} style={{ left: `${left(point.day)}%`, top: `${top(point.value)}%` }} title={`${sinceText(point.day, language, r.day)}: ${text(point.value)}`} aria-hidden />
        ))}
        {/* A single look has a boundary of one point, which a line would not show. */}
        {points.length === 1 && ends.map((value) => <i key={value} aria-hidden style={{ position: 'absolute', left: `clamp(0px, calc(${left(first?.day ?? 0)}% - 14px), calc(100% - 28px))`, width: 28, top: `${top(value)}%`, borderTop: '2px dashed var(--mantine-color-red-6)' }} />)}
        <Text size="xs" c="dimmed" style={{ position: 'absolute', top: 0, left: 2 }} aria-hidden>
          {isBayesian ? text(high) : numberText(high, language, true)}
        </Text>
      </div>
      <div className={classes.axis} aria-hidden>
        <span>{r.began}</span>
        <span>{sinceText(span, language, r.day)}</span>
      </div>
      <Group gap="md" mt={4}>
        <Legend color="var(--mantine-primary-color-filled)" name={r.evidence} />
        <Legend color="var(--mantine-color-red-6)" name={r.boundary} dashed />
      </Group>
    </div>
  )
}

function Legend({ color, name, dashed = false }: { color: string; name: string; dashed?: boolean }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span aria-hidden style={{ width: 16, borderTop: `2px ${dashed ? 'dashed' : 'solid'} ${color}`, flex: 'none' }} />
      <Text size="xs">{name}</Text>
    </Group>
  )
}
