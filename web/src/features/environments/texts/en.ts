import { plural } from '@/shared/i18n/plural'

const flags = plural('en', { one: 'flag', other: 'flags' })

const ordinalPlace = (place: number) => `place ${place}`

/** The texts of comparing and promoting environments, which come with these pages. */
export const en = {
  compare: {
    subtitle: 'What flags do differently in two environments, and a way to carry it over.',
    fromProject: 'Copy from the project',
    thisProject: (name: string) => `${name} (this one)`,
    from: 'Copy from',
    to: 'Copy to',
    swap: 'Swap the two',
    summary: (different: number, same: number) => `${plural('en', { one: 'flag differs', other: 'flags differ' })(different)}, ${same} do the same in both.`,
    everything: 'Also show what is the same',
    search: 'Search by key or name',
    part: 'What differs',
    isNew: 'New here',
    anotherType: 'Another type',
    anotherTypeHint: 'The flags of the two projects have the same key, but values of different types. A promotion leaves this one alone.',
    aspects: { variants: 'Variants', enabled: 'On or off', prerequisites: 'Prerequisites', targets: 'Individuals', rules: 'Rules', default: 'Everybody else', offVariant: 'When off' },
    nothing: '–',
    killed: 'Killed',
    touched: (environment: string) => `Set up in ${environment}`,
    touchedHint: (environment: string) => `Somebody has set this flag up in ${environment}. Promoting replaces that, if you choose so.`,
    show: (flag: string) => `Show what differs in ${flag}`,
    select: (flag: string) => `Select ${flag}`,
    selectAll: (count: number) => `Select all ${count}`,
    selection: 'Selection',
    chosen: (count: number) => `${flags(count)} selected`,
    preview: 'Preview the promotion',
    sameTitle: 'No differences',
    sameText: (count: number, from: string, to: string) => `${flags(count)} do exactly the same in ${from} and ${to}.`,
    nothingFound: 'No difference matches',
    onlyOneTitle: 'There is only one environment',
    onlyOneText: 'Add another one to compare it with, such as a stage where changes are tried first.',
    mayNotPromote: (environment: string) => `You may look, but not change flags in ${environment}. Ask somebody who manages them.`,
    promoteTitle: (count: number, environment: string) => `Promote ${flags(count)} to ${environment}`,
    policyLabel: (count: number, environment: string) => `Set up in ${environment} already: ${flags(count)}. What about those?`,
    policies: { fail: 'Stop and change nothing', skip: 'Leave them as they are', overwrite: 'Overwrite them' },
    policyHints: {
      fail: 'The safe choice: you decide flag by flag.',
      skip: 'Only flags that nobody has set up there are copied.',
      overwrite: 'Their rules there are replaced. The audit log keeps what was there.',
    },
    wouldFail: 'This promotion would fail',
    wouldChange: (count: number, environment: string) => `${flags(count)} would change in ${environment}. The server has tried it; nothing is changed yet. Kill switches stay as they are.`,
    blocked: (count: number) => `${flags(count)} stand in the way. Choose what becomes of them, or leave them out.`,
    outcomes: 'What becomes of each flag',
    outcome: { unchanged: 'already the same', created: 'created', copied: 'copied', overwritten: 'overwritten', skipped: 'left alone', conflict: 'in the way' },
    criticalText: (environment: string) => `${environment} is critical: what you promote reaches real users at once.`,
    promote: (count: number, environment: string) => `Promote ${flags(count)} to ${environment}`,
    promoted: (count: number, environment: string) => `${flags(count)} were promoted to ${environment}.`,
    failed: 'The promotion did not happen',
    movedOn: 'Something was changed after the preview was made. Look at the new preview, then try again.',
    compareWith: (environment: string) => `Compare ${environment} with another environment`,
    moveEnvironment: (environment: string) => `Move ${environment}`,
    moveInstructions: 'Press space to pick the environment up, the arrow keys to move it, space to put it down, escape to leave it where it was.',
    moveStart: (name: string, place: number) => `${name} was picked up at ${ordinalPlace(place)}.`,
    moveOver: (name: string, place: number) => `${name} is over ${ordinalPlace(place)}.`,
    moveEnd: (name: string, place: number) => `${name} was put down at ${ordinalPlace(place)}.`,
    moveCancel: (name: string) => `${name} stays where it was.`,
  },
}

export type Texts = typeof en
