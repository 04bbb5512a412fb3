import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts about health, which come with the pages that show it. */
export const useHealthTexts = textsIn({ en, ru })
