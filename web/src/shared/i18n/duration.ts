import { plural } from './plural'

const hour = 1
const units = [
  { name: 'week', hours: 7 * 24 * hour },
  { name: 'day', hours: 24 * hour },
  { name: 'hour', hours: hour },
] as const

const words = {
  en: {
    one: { week: 'a week', day: 'a day', hour: 'an hour' },
    many: { week: plural('en', { one: 'week', other: 'weeks' }), day: plural('en', { one: 'day', other: 'days' }), hour: plural('en', { one: 'hour', other: 'hours' }) },
  },
  ru: {
    one: { week: 'неделю', day: 'день', hour: 'час' },
    many: {
      week: plural('ru', { one: 'неделю', few: 'недели', many: 'недель', other: 'недели' }),
      day: plural('ru', { one: 'день', few: 'дня', many: 'дней', other: 'дня' }),
      hour: plural('ru', { one: 'час', few: 'часа', many: 'часов', other: 'часа' }),
    },
  },
}

/** A number of hours as people say it: 168 are a week, 36 are 36 hours, 48 are 2 days. In Russian as it stands after “через”. */
export function duration(language: 'en' | 'ru') {
  const { one, many } = words[language]
  return (hours: number) => {
    const unit = units.find((item) => hours >= item.hours && hours % item.hours === 0) ?? units[2]
    const count = hours / unit.hours
    return count === 1 ? one[unit.name] : many[unit.name](count)
  }
}
