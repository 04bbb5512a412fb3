import { useMemo } from 'react'
import { useLanguage, useMessages, type Messages } from '@/shared/i18n/messages'
import { en, type RampTexts } from './en'
import { ru } from './ru'

/** All texts with those of ramps, which come with the flag's page and not with the first one. */
export function useRampMessages(): Messages & RampTexts {
  const messages = useMessages()
  const { language } = useLanguage()
  return useMemo(() => ({ ...messages, ...(language === 'ru' ? ru : en) }), [messages, language])
}
