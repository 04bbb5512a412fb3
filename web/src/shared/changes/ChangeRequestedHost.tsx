import { Anchor, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useMessages } from '../i18n/messages'
import { useRequested } from './useRequested'

/** Says of every change that became a change request that it did, wherever it was made. */
export function ChangeRequestedHost() {
  const m = useMessages()
  const queryClient = useQueryClient()
  const router = useRouter()
  useRequested(true, ({ number, organization, project, state }) => {
    const address = router.buildLocation({
      to: '/p/$org/$project/changes/$number',
      params: { org: organization, project, number: String(number) } as never,
    }).href
    const id = notifications.show({
      color: 'blue',
      autoClose: 12_000,
      closeButtonProps: { 'aria-label': m.common.closeNotification },
      message: (
        <>
          <Text size="sm">{state === 'draft' ? m.changes.added(number) : m.changes.became(number)}</Text>
          <Anchor
            size="sm"
            href={address}
            onClick={(event) => {
              event.preventDefault()
              notifications.hide(id)
              void router.navigate({ href: address })
            }}
          >
            {m.changes.show}
          </Anchor>
        </>
      ),
    })
    void queryClient.invalidateQueries({ queryKey: ['changeRequests', organization] })
  })
  return null
}
