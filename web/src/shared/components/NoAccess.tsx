import { IconLock } from '@tabler/icons-react'
import { useMessages } from '../i18n/messages'
import { EmptyState } from './EmptyState'

/** Stands in for a page that somebody reached by its address and may not see: the server is not even asked. */
export function NoAccess() {
  const m = useMessages()
  return <EmptyState icon={IconLock} title={m.noAccess.title} text={m.noAccess.text} />
}
