import { useState } from 'react'
import { useLanguage, useMessages } from '../i18n/messages'
import { useTimeZone } from '../project/timeZone'
import classes from './ColumnChart.module.css'

export type ChartSeries = { key: string; label: string; color: string; counts: readonly number[] }

type Props = {
  /** What it shows, for screen readers. */
  label: string
  from: string
  stepHours: number
  series: readonly ChartSeries[]
  height?: number
}

/** Numbers over time as stacked columns; pointing at one shows its numbers above. */
export function ColumnChart({ label, from, stepHours, series, height = 180 }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const timeZone = useTimeZone()
  const [at, setAt] = useState<number | null>(null)
  const steps = series[0]?.counts.length ?? 0
  const sums = Array.from({ length: steps }, (_, step) => series.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0))
  const peak = Math.max(1, ...sums)
  const total = sums.reduce((sum, value) => sum + value, 0)
  const number = new Intl.NumberFormat(language)
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const time = new Intl.DateTimeFormat(
    language,
    stepHours >= 24 ? { dateStyle: 'medium', timeZone: 'UTC' } : { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZone },
  )
  const stepText = (step: number) => time.format(Date.parse(from) + step * stepHours * 3_600_000)

  return (
    <div className={classes.chart}>
      <div className={classes.readout}>
        <span>{at === null ? m.usage.inAll : stepText(at)}</span>
        {series.map(({ key, label: name, color, counts }) => (
          <span key={key}>
            {series.length > 1 && <span className={classes.dot} style={{ background: color }} aria-hidden />}
            {series.length > 1 && `${name} `}
            <b>{number.format(at === null ? counts.reduce((sum, value) => sum + value, 0) : (counts[at] ?? 0))}</b>
          </span>
        ))}
      </div>
      <div className={classes.plot} style={{ height }} role="img" aria-label={m.usage.spark(label, total, total === 0 ? 0 : peak)} onPointerLeave={() => setAt(null)}>
        {sums.map((_, step) => (
          <div key={step} className={classes.column} onPointerEnter={() => setAt(step)}>
            {series
              .filter(({ counts }) => (counts[step] ?? 0) > 0)
              .map(({ key, color, counts }) => (
                <i key={key} style={{ height: `${((counts[step] ?? 0) / peak) * 100}%`, background: color }} />
              ))}
          </div>
        ))}
        {total > 0 && <span className={classes.peak}>{compact.format(peak)}</span>}
      </div>
      <div className={classes.scale} aria-hidden>
        <span>{stepText(0)}</span>
        <span>{m.usage.now}</span>
      </div>
    </div>
  )
}
