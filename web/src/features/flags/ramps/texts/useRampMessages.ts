import { messagesWith } from '@/shared/i18n/messages'
import { en, type RampTexts } from './en'
import { ru } from './ru'

/** All texts with those of ramps, which come with the flag's page and not with the first one. */
export const useRampMessages = messagesWith<RampTexts>({ en, ru })
