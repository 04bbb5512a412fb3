import { relativeTime } from '../components/RelativeTime'
import type { Messages } from '../i18n/messages'

/** "seen 3 minutes ago" in words. */
export const seenText = (at: string, now: number, language: string, m: Messages) => m.attributes.seen(relativeTime(at, now, language) ?? m.common.justNow)
