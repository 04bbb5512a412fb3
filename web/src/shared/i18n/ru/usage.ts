import type { Messages } from '../en'
import { plural } from '../plural'

const evaluations = plural('ru', { one: 'вычисление', few: 'вычисления', many: 'вычислений', other: 'вычисления' })
const number = new Intl.NumberFormat('ru')

export const usage: Pick<Messages, 'usage' | 'lifecycle'> = {
  usage: {
    evaluations,
    spark: (what, total, peak) => `${what}: ${evaluations(total)}, не более ${number.format(peak)} за шаг`,
    sparkNone: (what) => `${what}: вычислений нет`,
    flagSpark: (flag) => `${flag}, последние 24 часа`,
    never: 'Ещё не вычислялся',
    last: 'Последнее вычисление',
  },
  lifecycle: {
    title: 'Жизненный цикл',
    new: 'Новый',
    active: 'В работе',
    stale: 'Устарел',
    archived: 'В архиве',
    newHint: 'Создан недавно и ещё не вычислялся.',
    activeHint: 'Используется.',
    staleHint: 'Вероятно, его пора убрать из кода.',
    archivedHint: 'Нет ни в одном снимке.',
    reasons: {
      neverEvaluated: 'За две недели и более после создания не было ни одного вычисления.',
      notEvaluated: 'Уже две недели нет вычислений.',
      fullyRolledOut: 'Все уже две недели получают один и тот же вариант.',
      pastLifetime: 'Он старше ожидаемого срока жизни.',
    },
  },
}
