import { Group, Text, Tooltip } from '@mantine/core'
import { IconBolt, IconPower, IconSettings } from '@tabler/icons-react'
import { type ReactNode } from 'react'
import { useLanguage, useMessages, type Messages } from '../i18n/messages'
import { useTimeZone } from '../project/timeZone'
import type { TimelineLaneView, TimelineSpanView } from './api'
import classes from './Lanes.module.css'
import { hereZone, zonedText } from './zoned'

type Props = { from: string; to: string; lanes: TimelineLaneView[]; now: number; head?: (lane: TimelineLaneView) => ReactNode }

const momentIcons = { enable: IconPower, disable: IconPower, configure: IconSettings }

/** What decides over time: a window that switches on or off, or nobody. */
export const stateOf = ({ schedule, enabled }: Pick<TimelineSpanView, 'schedule' | 'enabled'>) =>
  schedule !== null ? (enabled ? 'on' : 'off') : enabled === null ? 'unknown' : enabled ? 'baseOn' : 'baseOff'

/** Flags over a time, one line each. */
export function Lanes({ from, to, lanes, now, head }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const zone = useTimeZone() ?? hereZone()
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const place = (at: number) => ((Math.min(Math.max(at, start), end) - start) / (end - start)) * 100
  const exact = (at: string | Date) => zonedText(at, zone, language)
  return (
    <div className={`${classes.lanes} ${head === undefined ? classes.bare : ''}`}>
      <div className={classes.axis} aria-hidden>
        {head !== undefined && <span />}
        <div className={classes.ticks}>
          {ticks(start, end, zone, language).map(({ at, text }) => (
            <span key={at} style={{ left: `${place(at)}%` }}>
              {text}
            </span>
          ))}
        </div>
      </div>
      {lanes.map((lane) => (
        <div key={`${lane.flag} ${lane.environment}`} className={classes.lane}>
          {head?.(lane)}
          <div className={classes.track} role="img" aria-label={laneText(lane, m, exact)}>
            {lane.spans.map((span) => (
              <Tooltip key={span.from} multiline maw={320} label={`${spanText(span, m)} · ${exact(span.from)} – ${exact(span.to)}`}>
                <span className={classes.span} data-state={stateOf(span)} style={{ left: `${place(Date.parse(span.from))}%`, width: `${Math.max(0.25, place(Date.parse(span.to)) - place(Date.parse(span.from)))}%` }}>
                  {place(Date.parse(span.to)) - place(Date.parse(span.from)) > 6 ? span.name : null}
                </span>
              </Tooltip>
            ))}
            {lane.moments.map(({ at, schedule, name, action }) => {
              const Icon = momentIcons[action]
              return (
                <Tooltip key={schedule} multiline maw={320} label={`${name}: ${m.schedules.does[action]} · ${exact(at)}`}>
                  <span className={classes.moment} style={{ left: `${place(Date.parse(at))}%` }}>
                    <Icon size={13} stroke={2.2} aria-hidden />
                  </span>
                </Tooltip>
              )
            })}
            {now >= start && now < end && <span className={classes.now} style={{ left: `${place(now)}%` }} />}
          </div>
        </div>
      ))}
    </div>
  )
}

export function LaneLegend() {
  const m = useMessages()
  return (
    <Group gap="md" className={classes.lanes}>
      {(['on', 'off', 'baseOn', 'baseOff'] as const).map((state) => (
        <Group key={state} gap={6} wrap="nowrap">
          <span className={`${classes.span} ${classes.swatch}`} data-state={state} aria-hidden />
          <Text size="xs" c="dimmed">
            {m.schedules.legend[state]}
          </Text>
        </Group>
      ))}
      <Group gap={6} wrap="nowrap">
        <IconBolt size={13} aria-hidden />
        <Text size="xs" c="dimmed">
          {m.schedules.legend.moment}
        </Text>
      </Group>
    </Group>
  )
}

/** The state of a span and why. */
export function spanText({ enabled, name }: Pick<TimelineSpanView, 'enabled' | 'name'>, m: Messages): string {
  return m.schedules.spanText(enabled === null ? '?' : enabled ? m.common.on : m.common.off, name)
}

function laneText(lane: TimelineLaneView, m: Messages, exact: (at: string) => string): string {
  const most = 8
  return [
    m.schedules.laneLabel(lane.flag, lane.environment, lane.spans.length),
    ...lane.spans.slice(0, most).map((span) => `${exact(span.from)}: ${spanText(span, m)}`),
    ...lane.moments.slice(0, most).map(({ at, name, action }) => `${exact(at)}: ${name}, ${m.schedules.does[action]}`),
  ].join('; ')
}

/** Days at their local midnights, or hours for short ranges. */
function ticks(start: number, end: number, zone: string, language: string): { at: number; text: string }[] {
  const hour = 3_600_000
  const days = (end - start) / (24 * hour)
  const step = days <= 1.1 ? 4 * hour : days <= 8 ? 24 * hour : days <= 16 ? 48 * hour : 5 * 24 * hour
  const format = new Intl.DateTimeFormat(language, {
    timeZone: zone,
    ...(step < 24 * hour ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : days <= 8 ? { weekday: 'short', day: 'numeric' } : { day: 'numeric', month: 'short' }),
  })
  const marks: { at: number; text: string }[] = []
  for (let at = start; at < end - step / 4; at += step) {
    marks.push({ at, text: format.format(at) })
  }
  return marks
}
