import type { Messages } from '../en'

export const inbox: Pick<Messages, 'inbox'> = {
  inbox: {
    title: 'Входящие',
    notifications: 'Уведомления',
    watch: 'Следить',
    watching: 'Вы следите',
    watchFlag: 'Во входящие приходит всё, что происходит с этим флагом',
    watchProject: 'Во входящие приходит всё, что происходит в этом проекте',
    bell: (unread) => (unread === 0 ? 'Входящие' : `Входящие, непрочитанных: ${unread > 99 ? 'больше 99' : unread}`),
  },
}
