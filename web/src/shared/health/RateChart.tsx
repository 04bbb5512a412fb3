import { Group, Text } from '@mantine/core'
import { variantColor } from '../components/variantColor'
import { useLanguage } from '../i18n/messages'
import { useTimeZone } from '../project/timeZone'
import type { HealthSeriesListView } from './api'
import { ratesOf } from './rates'
import { useHealthTexts } from './texts/useHealthTexts'

const width = 640
const height = 150

type Props = { series: HealthSeriesListView; variants: readonly { key: string }[]; most: number | null; label: string }

/** Error rates over the last minutes, by variant, with the threshold. */
export function RateChart({ series, variants, most, label }: Props) {
  const t = useHealthTexts()
  const { language } = useLanguage()
  const timeZone = useTimeZone()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  const lines = ratesOf(series)
  const highest = Math.max(0, ...lines.flatMap(({ rates }) => rates.map((rate) => rate ?? 0)))
  const top = Math.min(1, Math.max(0.001, highest, (most ?? 0) * 1.2) * 1.1)
  const x = (step: number) => (series.steps < 2 ? 0 : (step / (series.steps - 1)) * width)
  const y = (rate: number) => height - (Math.min(rate, top) / top) * height
  const color = (variant: string | null) => (variant === '' ? 'var(--mantine-color-text)' : variantColor(variants.findIndex(({ key }) => key === variant)))
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: series.stepSeconds < 60 ? '2-digit' : undefined, timeZone })
  if (lines.every(({ errors, evaluations }) => errors + evaluations === 0)) {
    return (
      <Text size="sm" c="dimmed">
        {t.noCounts}
      </Text>
    )
  }
  return (
    <div>
      <div style={{ position: 'relative' }}>
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${label}: ${lines.map(({ variant, errors, evaluations }) => `${variant === '' ? t.whole : variant} ${number.format(errors)} / ${number.format(evaluations)}`).join(', ')}`} style={{ width: '100%', height, display: 'block' }} preserveAspectRatio="none">
          <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--togglr-border)" />
          {most !== null && <line x1={0} x2={width} y1={y(most)} y2={y(most)} stroke="var(--mantine-color-red-6)" strokeWidth={1.5} strokeDasharray="6 5" vectorEffect="non-scaling-stroke" />}
          {lines.toReversed().map(({ variant, rates }) => (
            <g key={variant} fill="none" stroke={color(variant)} strokeWidth={variant === '' ? 2.5 : 1.75} strokeLinejoin="round">
              {runs(rates).map((run) => (
                <polyline key={run[0]} points={run.map((step) => `${x(step).toFixed(1)},${y(rates[step] ?? 0).toFixed(1)}`).join(' ')} vectorEffect="non-scaling-stroke" />
              ))}
            </g>
          ))}
        </svg>
        <Text size="xs" c="dimmed" style={{ position: 'absolute', top: 0, left: 2 }} aria-hidden>
          {percent.format(top)}
        </Text>
      </div>
      <Group justify="space-between" mt={2}>
        <Text size="xs" c="dimmed">
          {time.format(Date.parse(series.from))}
        </Text>
        <Text size="xs" c="dimmed">
          {time.format(Date.parse(series.from) + series.steps * series.stepSeconds * 1000)}
        </Text>
      </Group>
      <Group gap="md" mt={4}>
        {lines.map(({ variant, errors, evaluations }) => (
          <Group key={variant} gap={6} wrap="nowrap">
            <span aria-hidden style={{ width: 12, height: 12, borderRadius: 3, background: color(variant), flex: 'none' }} />
            <Text size="xs">
              {variant === '' ? t.whole : variant}: {number.format(errors)} / {number.format(evaluations)}
            </Text>
          </Group>
        ))}
        {most !== null && (
          <Group gap={6} wrap="nowrap">
            <span aria-hidden style={{ width: 14, borderTop: '2px dashed var(--mantine-color-red-6)', flex: 'none' }} />
            <Text size="xs">
              {t.limit}: {percent.format(most)}
            </Text>
          </Group>
        )}
      </Group>
    </div>
  )
}

/** Stretches of steps about which something is known. */
function runs(rates: readonly (number | null)[]): number[][] {
  const found: number[][] = []
  rates.forEach((rate, step) => {
    if (rate === null) {
      return
    }
    const last = found.at(-1)
    if (last?.at(-1) === step - 1) {
      last.push(step)
    } else {
      found.push([step])
    }
  })
  // A line needs two points.
  return found.map((run) => (run.length === 1 ? [run[0] ?? 0, run[0] ?? 0] : run))
}
