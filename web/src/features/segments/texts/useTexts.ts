import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts of changing the lists of a segment, in the person's language. */
export const useTexts = textsIn({ en, ru })
