import type { Messages } from '../en'

export const changes: Pick<Messages, 'changes'> = {
  changes: {
    nav: 'Изменения',
    title: 'Запросы на изменение',
    became: (number) => `Ждёт одобрения · № ${number}`,
    added: (number) => `Добавлено в черновик № ${number}.`,
    show: 'Показать запрос',
    waiting: (count) => `ждут: ${count}`,
    banner: (title) => `Изменение этого флага ждёт одобрения: ${title}`,
    bannerDraft: (title) => `Этот флаг меняет черновик: ${title}`,
    collecting: (number) => `Всё, что вы сейчас меняете, попадает в черновик № ${number} и произойдёт, когда его одобрят.`,
    stopCollecting: 'Больше не добавлять',
    openDraft: 'Открыть черновик',
    policiesTitle: 'Что требует одобрения',
  },
}
