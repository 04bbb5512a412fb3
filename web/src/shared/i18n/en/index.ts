import { account } from './account'
import { administration } from './administration'
import { changes } from './changes'
import { common } from './common'
import { everywhere } from './everywhere'
import { flagList } from './flagList'
import { flags } from './flags'
import { inbox } from './inbox'
import { events } from './events'
import { health } from './health'
import { organization } from './organization'
import { places } from './places'
import { projectSettings } from './projectSettings'
import { schedules } from './schedules'
import { targeting } from './targeting'
import { usage } from './usage'

export const en = {
  ...common,
  ...flagList,
  ...flags,
  ...targeting,
  ...administration,
  ...account,
  ...changes,
  ...inbox,
  ...events,
  ...health,
  ...organization,
  ...everywhere,
  ...places,
  ...schedules,
  ...usage,
  ...projectSettings,
}

/** The shape of the catalogue: every language has exactly these texts. */
export type Messages = typeof en
