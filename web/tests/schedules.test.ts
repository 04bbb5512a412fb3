import { describe, expect, it } from 'vitest'
import { en } from '../src/shared/i18n/en'
import { ru } from '../src/shared/i18n/ru'
import { agendaOf, shorten } from '../src/features/schedules/agendaItems'
import { fromCron, joinDuration, splitDuration, toCron } from '../src/shared/schedules/repeat'
import { durationText, repeatText } from '../src/shared/schedules/sentence'
import { instantOf, localOf } from '../src/shared/schedules/zoned'

describe('A cron expression', () => {
  it.each(['0 9 * * *', '30 22 * * 1-5', '5 7 * * 0,6', '0 0 15 * *', '45 * * * *', '*/5 8-17 * * 1', '0 0 13 * 5'])('%s comes back as it was', (cron) => {
    expect(toCron(fromCron(cron))).toBe(cron)
  })

  it('is said in words where there are some', () => {
    expect(repeatText('0 9 * * 1-5', en, 'en')).toBe('on weekdays at 09:00')
    expect(repeatText('5 7 * * 0,6', en, 'en')).toBe('on Sat and Sun at 07:05')
    expect(repeatText('0 0 15 * *', ru, 'ru')).toBe('15-го числа каждого месяца в 00:00')
    expect(repeatText('0 0 13 * 5', en, 'en')).toBe('at 0 0 13 * 5')
  })
})

describe('A duration', () => {
  it('is told in the greatest whole unit', () => {
    expect(splitDuration(480)).toEqual({ value: 8, unit: 'hour' })
    expect(splitDuration(1440)).toEqual({ value: 1, unit: 'day' })
    expect(splitDuration(90)).toEqual({ value: 90, unit: 'minute' })
    expect(joinDuration(2, 'day')).toBe(2880)
    expect(durationText(60, 'en')).toBe('1 hour')
    expect(durationText(300, 'ru')).toBe('5 часов')
  })
})

describe('A local time', () => {
  it.each([
    ['2027-03-01T09:00', 'Europe/Berlin', '2027-03-01T08:00:00.000Z'],
    ['2027-07-01T09:00', 'America/New_York', '2027-07-01T13:00:00.000Z'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    ['2026-01-01T00:00', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
    ['2026-01-01T00:00', 'UTC', '2026-01-01T00:00:00.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(instantOf(local, zone)?.toISOString()).toBe(instant)
  })

  it('comes back as it was, and nonsense is none', () => {
    expect(localOf('2027-03-01T08:00:00Z', 'Europe/Berlin')).toBe('2027-03-01T09:00')
    expect(instantOf('nonsense', 'UTC')).toBeNull()
  })
})

describe('What changes, in order', () => {
  const span = (from: string, to: string, schedule: string | null, enabled: boolean | null) => ({ from: `2026-01-0${from}Z`, to: `2026-01-0${to}Z`, schedule, name: schedule, enabled })
  const lane = (spans: ReturnType<typeof span>[], moments: { at: string; schedule: string; name: string; action: 'enable' | 'configure'; state: 'waiting' }[] = []) => ({
    flag: 'f', flagName: 'F', environment: 'prod', spans, moments, isCut: false,
  })
  const all = [Date.parse('2026-01-01Z'), Date.parse('2026-01-09Z')] as const

  it('are edges that change the flag, and moments', () => {
    const items = agendaOf(
      [lane([span('1T00:00', '1T09:00', null, false), span('1T09:00', '1T10:00', 'a', true), span('1T10:00', '1T11:00', 'b', true), span('1T11:00', '2T00:00', null, false)], [{ at: '2026-01-01T10:30Z', schedule: 'c', name: 'c', action: 'configure', state: 'waiting' }])],
      ...all,
    )
    expect(items.map(({ at, name, enabled }) => `${at} ${name} ${enabled}`)).toEqual(['2026-01-01T09:00Z a true', '2026-01-01T10:30Z c null', '2026-01-01T11:00Z b false'])
  })

  it('are shortened where one schedule would fill the day', () => {
    const spans = Array.from({ length: 9 }, (_, hour) => span(`1T0${hour}:00`, `1T0${hour + 1}:00`, hour % 2 === 0 ? null : 'a', hour % 2 === 1))
    const lines = shorten(agendaOf([lane(spans)], ...all))
    expect(lines.map(({ more }) => more)).toEqual([0, 0, 0, 4])
  })
})
