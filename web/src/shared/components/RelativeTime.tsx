import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useLanguage, useMessages } from '../i18n/messages'
import { useTimeZone } from '../project/timeZone'

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago" for an instant, in a language; null within the last minute. */
export function relativeTime(at: string, now: number, language: string): string | null {
  const seconds = (Date.parse(at) - now) / 1000
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) {
      return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(seconds / size), unit)
    }
  }
  return null
}

/** An instant as people say it, with the exact one in their own time zone on hover and focus. */
export function RelativeTime({ at }: { at: string }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  const timeZone = useTimeZone()
  const exact = new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  return (
    <Tooltip label={exact}>
      <time dateTime={at}>{relativeTime(at, now, language) ?? m.common.justNow}</time>
    </Tooltip>
  )
}
