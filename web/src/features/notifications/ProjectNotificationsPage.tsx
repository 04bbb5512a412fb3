import { Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { NoAccess } from '@/shared/components/NoAccess'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { Notifications } from './Notifications'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/settings/notifications')

/** Where messages of what happens in a project go. */
export function ProjectNotificationsPage() {
  const m = useMessages()
  const t = useTexts()
  const scope = route.useParams()
  const canManage = useCan('notification.manage', scope)
  if (!canManage) {
    return <NoAccess />
  }
  return (
    <section aria-label={m.inbox.notifications}>
      <Title order={2} size="h4">
        {m.inbox.notifications}
      </Title>
      <Text size="sm" c="dimmed" maw={680} mb="md">
        {t.text}
      </Text>
      <Notifications place={scope} />
    </section>
  )
}
