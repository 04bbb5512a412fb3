import { textsIn } from '@/shared/i18n/messages'
import { en, type Texts } from './en'
import { ru } from './ru'

/** The texts about algorithms that share traffic out, which come with the tab that shows them. */
export const useBanditTexts = textsIn<Texts>({ en, ru })
