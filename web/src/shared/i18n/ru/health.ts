import type { Messages } from '../en'

export const health: Pick<Messages, 'health'> = {
  health: {
    title: 'Здоровье',
  },
}
