import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts of comparing and promoting environments, in the person's language. */
export const useTexts = textsIn({ en, ru })
