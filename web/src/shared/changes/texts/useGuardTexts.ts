import { textsIn } from '../../i18n/messages'
import { en } from './en'
import { ru } from './ru'

/** What is said of changes that wait for an approval. */
export const useGuardTexts = textsIn({ en, ru })
