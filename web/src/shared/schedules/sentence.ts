import type { Messages } from '../i18n/messages'
import type { ScheduleView } from './api'
import { fromCron, splitDuration } from './repeat'
import { hereZone, zonedText } from './zoned'

/** Weekday names in a language, by the numbers of cron. */
export const weekdays = (language: string, width: 'short' | 'long' = 'short') =>
  Array.from({ length: 7 }, (_, day) =>
    // The 4th of January 1970 was a Sunday.
    new Intl.DateTimeFormat(language, { weekday: width, timeZone: 'UTC' }).format(new Date(Date.UTC(1970, 0, 4 + day))),
  )

/** Minutes as people say them: `8 hours`. */
export function durationText(minutes: number, language: string): string {
  const { value, unit } = splitDuration(minutes)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

/** When windows begin: `on weekdays at 09:00`. */
export function repeatText(cron: string, m: Messages, language: string): string {
  const { kind, time, days, day, minute } = fromCron(cron)
  const every = m.schedules.every
  switch (kind) {
    case 'weekly': {
      const names = weekdays(language)
      // The week begins with Monday.
      const chosen = days.toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((number) => names[number] ?? '')
      return every.weekly(new Intl.ListFormat(language, { type: 'conjunction' }).format(chosen), time)
    }
    case 'monthly':
      return every.monthly(String(day), time)
    case 'hourly':
      return every.hourly(String(minute))
    case 'cron':
      return every.cron(cron)
    default:
      return every[kind](time)
  }
}

const capital = (text: string) => text.slice(0, 1).toLocaleUpperCase() + text.slice(1)

/** A schedule in one sentence. */
export function scheduleSentence(schedule: Pick<ScheduleView, 'kind' | 'action' | 'at' | 'cron' | 'timeZone' | 'durationMinutes' | 'from' | 'until'>, m: Messages, language: string): string {
  const { kind, action, at, cron, timeZone, durationMinutes, from, until } = schedule
  const zone = timeZone ?? hereZone()
  const exact = (instant: string) => zonedText(instant, zone, language, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
  if (kind === 'once') {
    return `${m.schedules.does[action]} ${exact(at ?? '')} ${m.schedules.zone(zone)}`
  }
  return [
    capital(m.schedules.sentence(repeatText(cron ?? '', m, language), action === 'enable', durationText(durationMinutes ?? 0, language))),
    m.schedules.zone(zone),
    ...(from === null ? [] : [m.schedules.bounds.from(exact(from))]),
    ...(until === null ? [] : [m.schedules.bounds.until(exact(until))]),
  ].join(' ')
}
