import { textsIn } from '@/shared/i18n/messages'
import { plural } from '@/shared/i18n/plural'

const en = {
  onItsWay: 'On its way to the applications …',
  reached: (reached: string, total: string, time: string) => `Reached ${reached} of ${total} connections in ${time}`,
  nobody: (edges: number, time: string) => `No application is connected; ${plural('en', { one: 'edge has', other: 'edges have' })(edges)} it since ${time} after the change`,
  slow: (count: number) => `${plural('en', { one: 'connection is', other: 'connections are' })(count)} slow`,
  gone: (count: number) => `${plural('en', { one: 'ended before and gets', other: 'ended before and get' })(count)} it when they come back`,
  silent: (count: number) => `${plural('en', { one: 'edge has', other: 'edges have' })(count)} not told yet`,
  polling: (count: number, seconds: number) => `${plural('en', { one: 'polling client sees', other: 'polling clients see' })(count)} it within ${seconds} s`,
  seconds: (value: string) => `${value} s`,
  milliseconds: (value: string) => `${value} ms`,
}

const ru: typeof en = {
  onItsWay: 'На пути к приложениям …',
  reached: (reached, total, time) => `Дошло до ${reached} из ${total} соединений за ${time}`,
  nobody: (edges, time) => `Ни одно приложение не подключено; изменение есть у ${plural('ru', { one: 'узла', few: 'узлов', many: 'узлов', other: 'узлов' })(edges)} через ${time}`,
  slow: (count) => `медленных соединений: ${count}`,
  gone: (count) => `прервалось раньше: ${count}, получат после переподключения`,
  silent: (count) => `ещё не ответило узлов: ${count}`,
  polling: (count, seconds) => `${plural('ru', { one: 'опрашивающий клиент увидит', few: 'опрашивающих клиента увидят', many: 'опрашивающих клиентов увидят', other: 'опрашивающих клиента увидят' })(count)} это за ${seconds} с`,
  seconds: (value) => `${value} с`,
  milliseconds: (value) => `${value} мс`,
}

/** The texts about how far changes have come, which come with what shows them. */
export const useReachTexts = textsIn({ en, ru })
