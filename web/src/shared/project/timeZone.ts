import { useQuery } from '@tanstack/react-query'
import { meQuery } from './me'

/** The time zone that the person chose; undefined for the browser's, also where the browser does not know the chosen one. */
export function useTimeZone(): string | undefined {
  const { data } = useQuery({ ...meQuery, enabled: false, select: (me) => usable(me.timeZone) })
  return data
}

function usable(zone: string | null): string | undefined {
  if (zone === null) {
    return undefined
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
