import { plural } from '@/shared/i18n/plural'

const people = plural('en', { one: 'person', other: 'people' })
const flags = plural('en', { one: 'flag', other: 'flags' })

/** What is said about whom a change affects. */
export const en = {
  title: 'Impact',
  counting: 'Finding out whom this affects …',
  nobody: (count: string) => `None of ${count} people gets something else`,
  some: (changed: string, count: string) => `${changed} of ${count} people get something else`,
  exact: (share: string, span: string) => `${share} of everybody who was seen within ${span}.`,
  estimate: (share: string, low: string, high: string, population: string, span: string) =>
    `${share} (between ${low} and ${high}, 95 % sure) of about ${population} people who were seen within ${span}.`,
  ifOn: 'The flag is off here. If it were on:',
  via: 'depends on what changes',
  none: 'application’s default',
  flow: (from: string, to: string, count: number) => `from ${from} to ${to}: ${people(count)}`,
  moreFlags: 'Further flags change, too.',
  examples: 'Show examples',
  hideExamples: 'Hide examples',
  somebody: 'Somebody',
  missing: (names: string) => `Not kept, so taken as missing: ${names}. The numbers may be wrong for rules that look at it.`,
  keys: 'A condition looks into targeting keys, which are not kept: here it counts as not met.',
  empty: (environment: string) => `Nobody was seen in ${environment} yet. Contexts of remote evaluations appear here within seconds.`,
  off: (environment: string) => `Togglr can show here how many people get something else, before anything is saved. For that, ${environment} has to keep a sample of recent contexts.`,
  turnOn: 'Turn it on',
  affects: (count: number) => `${flags(count)} may answer differently`,
  nothing: 'No flag answers differently.',
  fixFirst: 'Once the errors are gone, this shows whom the change affects.',
  failed: 'Whom this affects could not be found out',
  span: (minutes: number) =>
    minutes < 90 ? plural('en', { one: 'minute', other: 'minutes' })(minutes) : minutes < 2880 ? plural('en', { one: 'hour', other: 'hours' })(Math.round(minutes / 60)) : plural('en', { one: 'day', other: 'days' })(Math.round(minutes / 1440)),
  settings: {
    title: 'Impact preview',
    hint: 'Keep a sample of recent contexts, to show whom a change affects before it is saved.',
    attributes: 'Attributes that may be kept',
    attributesHint: 'What rules look at, and nothing that names people. Keys are never kept; a hash stands in their place. Another list starts the sample anew.',
    leaveOut: (name: string) => `Keep ${name} no more`,
    minutes: 'For how long, in minutes',
    size: 'Of how many people',
    kept: (contexts: string, population: string) => `Now: ${contexts} contexts, of about ${population} people.`,
    keptNone: 'Nobody was seen yet.',
    offForgets: 'Switching it off forgets what is kept.',
    badge: 'Impact preview',
  },
}
