import { Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMessages } from '@/shared/i18n/messages'
import { Notifications } from './Notifications'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/o/$org/notifications')

/** Where messages of what happens in an organization go. */
export function OrganizationNotificationsPage() {
  const m = useMessages()
  const t = useTexts()
  const { org } = route.useParams()
  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Title order={1} size="h3">
        {m.inbox.notifications}
      </Title>
      <Text c="dimmed" size="sm" maw={760} mb="md">
        {t.text}
      </Text>
      <Notifications place={{ org, project: null }} />
    </div>
  )
}
