import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts of the pages about notifications, which come with these pages. */
export const useTexts = textsIn({ en, ru })
