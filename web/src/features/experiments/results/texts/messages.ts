import { messagesWith } from '@/shared/i18n/messages'
import { en, type Texts } from './en'
import { ru } from './ru'

export const useResultTexts = messagesWith<Texts>({ en, ru })
