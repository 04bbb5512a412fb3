import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client, unwrap } from '../api/client'
import { useLanguage, type Language } from '../i18n/messages'
import { meQuery } from './me'

/** Switches the language here and remembers it for the account, so that it is the same on the next device. */
export function useChooseLanguage() {
  const { setLanguage } = useLanguage()
  const queryClient = useQueryClient()
  return (language: Language) => {
    setLanguage(language)
    // The page speaks it already; that it is not remembered elsewhere is nothing to interrupt anybody for.
    unwrap(client.PATCH('/api/v1/me', { body: { locale: language } })).then(
      (me) => queryClient.setQueryData(meQuery.queryKey, me),
      () => undefined,
    )
  }
}

/** Speaks the language of the account, as soon as it is known who is there. */
export function useLanguageOfAccount() {
  const { setLanguage } = useLanguage()
  const { data: locale } = useQuery({ ...meQuery, enabled: false, select: (me) => me.locale })
  useEffect(() => {
    if (locale === 'en' || locale === 'ru') {
      setLanguage(locale)
    }
    // Only when the account's language is another one, not when somebody switches here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [locale])
}
