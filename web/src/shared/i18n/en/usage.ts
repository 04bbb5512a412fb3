import { plural } from '../plural'

const evaluations = plural('en', { one: 'evaluation', other: 'evaluations' })
const number = new Intl.NumberFormat('en')

export const usage = {
  usage: {
    evaluations,
    spark: (what: string, total: number, peak: number) => `${what}: ${evaluations(total)}, at most ${number.format(peak)} in one step`,
    sparkNone: (what: string) => `${what}: no evaluations`,
    flagSpark: (flag: string) => `${flag}, last 24 hours`,
    never: 'Never evaluated',
    last: 'Last evaluated',
  },
  lifecycle: {
    title: 'Lifecycle',
    new: 'New',
    active: 'Active',
    stale: 'Stale',
    archived: 'Archived',
    newHint: 'Created not long ago and not evaluated yet.',
    activeHint: 'In use.',
    staleHint: 'Probably due to be removed from the code.',
    archivedHint: 'Out of every snapshot.',
    reasons: {
      neverEvaluated: 'No evaluation was ever reported, two weeks or more after it was created.',
      notEvaluated: 'No evaluation was reported for two weeks.',
      fullyRolledOut: 'Everybody has got the same variant for two weeks.',
      pastLifetime: 'It is older than its expected lifetime.',
    },
  },
}
