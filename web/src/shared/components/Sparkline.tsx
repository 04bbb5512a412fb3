import { useMessages } from '../i18n/messages'
import { sparklinePaths } from './sparklinePaths'

type Props = {
  /** Numbers by step of time, the oldest first. */
  values: readonly number[]
  /** What the numbers are, for screen readers; the sum and the peak are added. Without it the picture is decoration. */
  label?: string
  width?: number
  height?: number
  color?: string
}

/** A course of numbers as a small picture, drawn from zero. Where nothing happened it is a dotted line. */
export function Sparkline({ values, label, width = 96, height = 24, color = 'var(--mantine-primary-color-filled)' }: Props) {
  const m = useMessages()
  const { line, area, total, peak } = sparklinePaths(values, width, height)
  const text = label === undefined ? undefined : total === 0 ? m.usage.sparkNone(label) : m.usage.spark(label, total, peak)
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      style={{ display: 'block', flex: 'none', overflow: 'visible' }}
      {...(text === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': text })}
    >
      {total === 0 ? (
        <line x1={0} x2={width} y1={height - 1} y2={height - 1} stroke="var(--mantine-color-dimmed)" strokeDasharray="2 4" opacity={0.7} />
      ) : (
        <>
          <path d={area} fill={color} opacity={0.14} />
          <path d={line} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
        </>
      )}
    </svg>
  )
}
