import { textsIn } from '../../i18n/messages'
import { en, type AnalysisTexts } from './en'
import { ru } from './ru'

/** The texts of the analysis: they come with the pages that edit targeting, not with the first page. */
export const useAnalysisTexts = textsIn<AnalysisTexts>({ en, ru })
