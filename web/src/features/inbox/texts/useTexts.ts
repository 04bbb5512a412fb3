import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts of the inbox, which come with it. */
export const useTexts = textsIn({ en, ru })
