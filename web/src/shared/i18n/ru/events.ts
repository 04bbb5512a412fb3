import type { Messages } from '../en'

export const events: Pick<Messages, 'events'> = {
  events: {
    title: 'События',
    analytics: 'Аналитика',
  },
}
