import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** The texts about whom a change affects, which come with what shows them. */
export const useImpactTexts = textsIn({ en, ru })
