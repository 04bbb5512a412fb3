import { useLanguage } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts about events, which come with the page that shows them. */
export function useEventsTexts() {
  return useLanguage().language === 'ru' ? ru : en
}
