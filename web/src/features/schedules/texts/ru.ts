import { plural } from '@/shared/i18n/plural'
import type { Texts } from './en'

const steps = plural('ru', { one: 'шага', few: 'шагов', other: 'шагов' })

export const ru: Texts = {
  activeRamps: {
    title: 'Идущие раскатки',
    now: (share: string, to: string) => `${share} получают ${to}`,
    place: (step: number, count: number) => `Шаг ${step} из ${steps(count)}`,
    next: 'Следующий шаг',
    states: { running: 'Идёт', waiting: 'Ждёт одобрения', paused: 'Приостановлена', completed: 'Завершена', rolledBack: 'Откачена', cancelled: 'Отменена' },
    more: 'Есть ещё: выберите среду.',
  },
}
