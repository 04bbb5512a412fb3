import { textsIn } from '@/shared/i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** What is said of values that do not fit their schema, in the person's language. */
export const useSchemaTexts = textsIn({ en, ru })
