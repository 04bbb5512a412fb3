import type { Serve } from '@/shared/targeting/model'
import type { ScheduleRequest, ScheduleView } from '@/shared/schedules/api'
import { fromCron, joinDuration, splitDuration, toCron, usualRepeat, type DurationUnit, type Repeat } from '@/shared/schedules/repeat'
import { instantOf, localOf } from '@/shared/schedules/zoned'

/** A schedule as the form holds it: local times in its zone, people's words for cron. */
export type ScheduleDraft = {
  name: string
  kind: 'once' | 'recurring'
  action: 'enable' | 'disable' | 'configure'
  at: string
  timeZone: string
  repeat: Repeat
  lasts: number | ''
  unit: DurationUnit
  from: string
  until: string
  priority: number | ''
  catchUpHours: number | ''
  /** The rule that serves something else; empty for the default. */
  place: string
  serve: Serve | null
  alsoOn: boolean
}

export function draftOf(schedule: ScheduleView | null, zone: string, now: number): ScheduleDraft {
  const timeZone = schedule?.timeZone ?? zone
  const local = (at: string | null | undefined) => (at == null ? '' : localOf(at, timeZone))
  const { value, unit } = splitDuration(schedule?.durationMinutes ?? 480)
  const rule = schedule?.change?.rules?.[0]
  return {
    name: schedule?.name ?? '',
    kind: schedule?.kind ?? 'once',
    action: schedule?.action ?? 'enable',
    // The next full hour but one, so that there is time to think.
    at: local(schedule?.at ?? new Date(Math.ceil(now / 3_600_000 + 1) * 3_600_000).toISOString()),
    timeZone,
    repeat: schedule?.cron == null ? usualRepeat : fromCron(schedule.cron),
    lasts: value,
    unit,
    from: local(schedule?.from),
    until: local(schedule?.until),
    priority: schedule?.priority ?? 0,
    catchUpHours: Math.round((schedule?.catchUpMinutes ?? 1440) / 60),
    place: rule?.id ?? '',
    serve: (rule?.then ?? schedule?.change?.default ?? null) as Serve | null,
    alsoOn: schedule?.change?.enabled === true,
  }
}

/** What is sent; null while something is missing. */
export function requestOfDraft(draft: ScheduleDraft, enabled: boolean): ScheduleRequest | null {
  const instant = (local: string) => (local === '' ? null : (instantOf(local, draft.timeZone)?.toISOString() ?? null))
  const base = { name: draft.name.trim() || '–', action: draft.action, timeZone: draft.timeZone, enabled }
  if (draft.kind === 'once') {
    const at = instant(draft.at)
    if (at === null || (draft.action === 'configure' && draft.serve === null)) {
      return null
    }
    return {
      ...base,
      kind: 'once',
      at,
      catchUpMinutes: draft.catchUpHours === '' ? undefined : draft.catchUpHours * 60,
      change:
        draft.action !== 'configure'
          ? undefined
          : {
              ...(draft.alsoOn ? { enabled: true } : {}),
              ...(draft.place === '' ? { default: draft.serve as never } : { rules: [{ id: draft.place, then: draft.serve as never }] }),
            },
    }
  }
  if (draft.lasts === '' || draft.lasts <= 0 || (draft.repeat.kind === 'weekly' && draft.repeat.days.length === 0)) {
    return null
  }
  return {
    ...base,
    action: draft.action === 'configure' ? 'enable' : draft.action,
    kind: 'recurring',
    cron: toCron(draft.repeat),
    durationMinutes: Math.round(joinDuration(draft.lasts, draft.unit)),
    from: instant(draft.from),
    until: instant(draft.until),
    priority: draft.priority === '' ? 0 : draft.priority,
  }
}
