/** Milliseconds that the clock of a zone is ahead of UTC at an instant. */
function offset(zone: string, instant: number): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(instant / 1000) * 1000
}

/**
 * The instant at which the clock of a zone first shows a local time (`2027-03-01T09:00`); where the clock skips it, the first instant after
 * the gap. Null for what is no local time.
 */
export function instantOf(local: string, zone: string): Date | null {
  const wall = Date.parse(`${local}Z`)
  if (Number.isNaN(wall)) {
    return null
  }
  // The offsets before and after whatever change of the clock is near.
  const offsets = [offset(zone, wall - 86_400_000), offset(zone, wall + 86_400_000)]
  const fitting = offsets.map((ahead) => wall - ahead).filter((instant) => instant + offset(zone, instant) === wall)
  if (fitting.length > 0) {
    return new Date(Math.min(...fitting))
  }
  // In a gap: as much after its end as the clock would have been, back to the end itself.
  let [low, high] = [wall - Math.max(...offsets), wall - Math.min(...offsets)]
  const before = offset(zone, low)
  while (high - low > 60_000) {
    const middle = low + Math.floor((high - low) / 120_000) * 60_000
    if (offset(zone, middle) === before) {
      low = middle
    } else {
      high = middle
    }
  }
  return new Date(high)
}

/** What the clock of a zone shows at an instant, as fields for dates want it: `2027-03-01T09:00`. */
export function localOf(at: string | Date, zone: string): string {
  const instant = new Date(at).getTime()
  return new Date(instant + offset(zone, instant)).toISOString().slice(0, 16)
}

export const isZone = (zone: string) => {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The zone of this browser. */
export const hereZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** An instant in a zone, for people. A zone that this browser does not know is told in UTC. */
export const zonedText = (at: string | Date, zone: string | null | undefined, language: string, options?: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language, {
    ...(options ?? { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    hourCycle: 'h23',
    timeZone: zone != null && isZone(zone) ? zone : 'UTC',
  }).format(new Date(at))
