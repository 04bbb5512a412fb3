import { messagesWith, type Messages as SharedMessages } from '@/shared/i18n/messages'
import { en, type Texts } from './en'
import { ru } from './ru'

/** The texts that are everywhere, and those of an organization's administration. */
export type Messages = SharedMessages & Texts

export const useMessages = messagesWith<Texts>({ en, ru })
