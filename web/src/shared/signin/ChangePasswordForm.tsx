import { Alert, Button, PasswordInput, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, unwrap } from '../api/client'
import { findingAt, isProblem } from '../api/problem'
import type { MeView } from '../api/types'
import { errorText } from '../components/feedback'
import { findingText } from '../components/findingText'
import { isLongEnough, NewPassword, usualPasswordRules } from '../components/NewPassword'
import { useMessages } from '../i18n/messages'
import { signInSettingsQuery } from './settings'

function useChangePassword() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: { currentPassword: string; newPassword: string }) => unwrap(client.POST('/api/v1/me/password', { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['me'] }),
  })
}

/** The old password, and a new one twice. */
export function ChangePasswordForm({ me, onDone }: { me: MeView | undefined; onDone: () => void }) {
  const m = useMessages()
  const change = useChangePassword()
  const { data: settings } = useQuery(signInSettingsQuery)
  const rules = settings?.passwordRules ?? usualPasswordRules
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const wrong = isProblem(change.error, 'invalid_credentials') || findingAt(change.error, '/currentPassword') !== undefined
  const finding = findingAt(change.error, '/newPassword')
  const ready = current !== '' && isLongEnough(next, rules) && again === next

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) {
          change.mutate({ currentPassword: current, newPassword: next }, { onSuccess: onDone })
        }
      }}
    >
      <Stack gap="sm">
        {change.isError && !wrong && finding === undefined && (
          <Alert color="red" variant="light" role="alert">
            {isProblem(change.error, 'no_password') ? m.passwords.none : errorText(change.error, m)}
          </Alert>
        )}
        <input type="hidden" name="username" autoComplete="username" value={me?.email ?? ''} />
        <PasswordInput
          label={m.auth.currentPassword}
          autoComplete="current-password"
          value={current}
          error={wrong && m.auth.wrongCurrent}
          errorProps={{ role: 'alert' }}
          visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <NewPassword
          value={next}
          onChange={setNext}
          rules={rules}
          known={[me?.name ?? '', me?.email ?? '']}
          error={finding && findingText(finding, m)}
        />
        <PasswordInput
          label={m.auth.repeatPassword}
          autoComplete="new-password"
          value={again}
          error={again !== '' && again !== next && m.auth.mismatch}
          visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        <Button type="submit" mt="xs" disabled={!ready} loading={change.isPending} style={{ alignSelf: 'flex-start' }}>
          {m.auth.change}
        </Button>
      </Stack>
    </form>
  )
}
