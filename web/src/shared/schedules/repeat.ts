/** What people say instead of a cron expression. */
export type Repeat = {
  kind: 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'hourly' | 'cron'
  /** `09:00` */
  time: string
  /** 1 is Monday, 0 is Sunday. */
  days: number[]
  day: number
  minute: number
  cron: string
}

export const usualRepeat: Repeat = { kind: 'weekdays', time: '09:00', days: [1], day: 1, minute: 0, cron: '0 9 * * 1-5' }

const two = (value: number | string) => String(value).padStart(2, '0')

/** The expression that means the same. */
export function toCron({ kind, time, days, day, minute, cron }: Repeat): string {
  const [hours = '0', minutes = '0'] = time.split(':')
  const at = `${Number(minutes)} ${Number(hours)}`
  switch (kind) {
    case 'daily':
      return `${at} * * *`
    case 'weekdays':
      return `${at} * * 1-5`
    case 'weekly':
      return `${at} * * ${days.toSorted((a, b) => a - b).join(',')}`
    case 'monthly':
      return `${at} ${day} * *`
    case 'hourly':
      return `${minute} * * * *`
    default:
      return cron.trim()
  }
}

/** An expression in people's words where there are any. */
export function fromCron(cron: string): Repeat {
  const hourly = /^(\d{1,2}) \* \* \* \*$/.exec(cron)
  if (hourly) {
    return { ...usualRepeat, kind: 'hourly', minute: Number(hourly[1]), cron }
  }
  const timed = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|1-5|[0-6](?:,[0-6])*)$/.exec(cron)
  if (!timed || (timed[3] !== '*' && timed[4] !== '*')) {
    return { ...usualRepeat, kind: 'cron', cron }
  }
  const [, minutes = '', hours = '', day = '', weekdays = ''] = timed
  const base = { ...usualRepeat, time: `${two(hours)}:${two(minutes)}`, cron }
  if (day !== '*') {
    return { ...base, kind: 'monthly', day: Number(day) }
  }
  if (weekdays === '*') {
    return { ...base, kind: 'daily' }
  }
  return weekdays === '1-5' ? { ...base, kind: 'weekdays' } : { ...base, kind: 'weekly', days: weekdays.split(',').map(Number) }
}

export type DurationUnit = 'minute' | 'hour' | 'day'
const sizes: [DurationUnit, number][] = [
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
]

/** Minutes in the greatest unit that gives a whole number. */
export function splitDuration(minutes: number): { value: number; unit: DurationUnit } {
  const [unit, size] = sizes.find(([, size]) => minutes % size === 0) ?? ['minute', 1]
  return { value: minutes / size, unit }
}

export const joinDuration = (value: number, unit: DurationUnit) => value * (sizes.find(([name]) => name === unit)?.[1] ?? 1)
