import { actionPhrase } from '@/shared/audit/sentence'
import type { Messages } from '@/shared/audit/texts/messages'
import type { Texts } from './texts/en'

/** An event or a group of events as people read it: a group stands for everything in it. */
export function eventText(key: string, t: Texts, m: Messages): string {
  const group = (t.groups as Record<string, string>)[key]
  if (group !== undefined) {
    return t.allOf(group)
  }
  return key === 'change.bypassed' ? t.bypassed : actionPhrase(key, m).replace('{what}', '…')
}
