import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { en, type Messages } from './en'

export type Language = 'en' | 'ru'
export type { Messages }

/** The languages, each under its own name. */
export const languages: { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ru', name: 'Русский' },
]

const storageKey = 'togglr-language'

type Context = {
  language: Language
  messages: Messages
  setLanguage: (language: Language) => void
  followBrowser: () => void
}
const MessagesContext = createContext<Context>({ language: 'en', messages: en, setLanguage: () => undefined, followBrowser: () => undefined })

function preferred(): Language {
  const stored = localStorage.getItem(storageKey)
  if (stored === 'en' || stored === 'ru') {
    return stored
  }
  return navigator.language.startsWith('ru') ? 'ru' : 'en'
}

/** Provides the texts of the chosen language. English comes with the application, others are loaded when chosen. */
export function MessagesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(preferred)
  const [messages, setMessages] = useState<Messages | null>(language === 'en' ? en : null)

  useEffect(() => {
    let wanted = true
    document.documentElement.lang = language
    if (language === 'en') {
      setMessages(en)
    } else {
      void import('./ru').then((module) => wanted && setMessages(module.ru))
    }
    return () => {
      wanted = false
    }
  }, [language])

  if (messages === null) {
    return null
  }
  const choose = (next: Language) => {
    localStorage.setItem(storageKey, next)
    setLanguage(next)
  }
  const followBrowser = () => {
    localStorage.removeItem(storageKey)
    setLanguage(preferred())
  }
  return <MessagesContext value={{ language, messages, setLanguage: choose, followBrowser }}>{children}</MessagesContext>
}

/** The texts of the current language: `const m = useMessages(); m.flags.title`. */
export function useMessages(): Messages {
  return use(MessagesContext).messages
}

export function useLanguage() {
  const { language, setLanguage, followBrowser } = use(MessagesContext)
  return { language, setLanguage, followBrowser }
}

/** A hook like `useMessages`, with the texts that come with some pages only and are not part of the first load. */
export function messagesWith<Texts extends object>(texts: Record<Language, Texts>) {
  return function useMessagesOfPage(): Messages & Texts {
    const { language, messages } = use(MessagesContext)
    return useMemo(() => ({ ...messages, ...texts[language] }), [language, messages])
  }
}

/** A hook for texts that come with what shows them and are not part of the first load. */
export function textsIn<Texts>(texts: Record<Language, Texts>) {
  return function useTextsOfPage(): Texts {
    return texts[use(MessagesContext).language]
  }
}
