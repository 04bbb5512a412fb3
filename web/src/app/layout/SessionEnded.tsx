import { Anchor, Modal, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { session } from '@/shared/api/session'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { LoginForm } from '@/shared/signin/LoginForm'

/**
 * Asks to sign in again on top of the page when the session has ended, so that nothing typed is lost: identity providers
 * open in a window of their own. Only the same person gets the page back.
 */
export function SessionEnded() {
  const m = useMessages()
  const state = useSyncExternalStore(session.subscribe, () => session.state)
  const { data: me } = useQuery({ ...meQuery, enabled: false })
  const method = me?.session?.method
  return (
    <Modal
      opened={state === 'expired'}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      // Above every drawer and dialogue that may be open.
      zIndex={350}
      title={<Text fw={650}>{m.auth.expiredTitle}</Text>}
    >
      <Text size="sm" mb="md">
        {m.auth.expiredText}
      </Text>
      <LoginForm email={me?.email} passwords={method === undefined || method === 'password' || me?.email === ''} beside onDone={() => undefined} />
      <Text size="sm" ta="center" mt="md">
        <Anchor href="/login">{m.signIn.somebodyElse}</Anchor>
      </Text>
    </Modal>
  )
}
