import type { Messages } from '../en'

export const organization: Pick<Messages, 'organization'> = {
  organization: {
    title: 'Организация',
    navigation: 'Управление',
    members: 'Участники',
    groups: 'Группы',
    roles: 'Роли',
    serviceAccounts: 'Сервисные учётки',
    signIn: 'Вход',
    security: 'Безопасность',
    audit: 'Журнал',
    system: 'Система',
    general: 'Общее',
    backToFlags: 'К флагам',
    goneTitle: 'У вас здесь нет доступа',
    goneProjectText: 'Доступ к этому проекту закончился или его не было. Если это ошибка, обратитесь к владельцу.',
    goneText: 'Доступ к этой организации закончился или его не было. Если это ошибка, обратитесь к владельцу.',
  },
}
