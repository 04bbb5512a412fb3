import { account } from './account'
import { administration } from './administration'
import { common } from './common'
import { flags } from './flags'
import { targeting } from './targeting'

export const en = { ...common, ...flags, ...targeting, ...administration, ...account }

/** The shape of the catalogue: every language has exactly these texts. */
export type Messages = typeof en
