import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts of analytics, which come with the page that shows them. */
export const useAnalyticsTexts = textsIn({ en, ru })
