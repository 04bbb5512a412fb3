import { plural } from '@/shared/i18n/plural'

const steps = plural('en', { one: 'step', other: 'steps' })

/** The texts of ramps on the page of schedules, which come with it. */
export const en = {
  activeRamps: {
    title: 'Ramps under way',
    now: (share: string, to: string) => `${share} get ${to}`,
    place: (step: number, count: number) => `Step ${step} of ${steps(count)}`,
    next: 'Next step',
    states: { running: 'Running', waiting: 'Waits for approval', paused: 'Paused', completed: 'Completed', rolledBack: 'Rolled back', cancelled: 'Cancelled' },
    more: 'There are more: choose an environment.',
  },
}

/** The shape of these texts: every language has exactly these. */
export type Texts = typeof en
