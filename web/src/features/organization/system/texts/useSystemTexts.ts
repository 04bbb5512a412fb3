import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts about the installation, which come with the page that shows them. */
export const useSystemTexts = textsIn({ en, ru })
