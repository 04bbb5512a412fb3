import { Alert, Button, PasswordInput, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { findingAt, isProblem } from '@/shared/api/problem'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { errorText } from '@/shared/components/feedback'
import { isLongEnough, NewPassword, usualPasswordRules } from '@/shared/components/NewPassword'
import { useMessages } from '@/shared/i18n/messages'
import { signInSettingsQuery } from '@/shared/signin/settings'
import { useResetPassword } from './passwordReset'
import { findingText } from '@/shared/components/findingText'

const route = getRouteApi('/reset-password/$token')

/** A new password by the link of a mail. */
export function ResetPasswordPage() {
  const m = useMessages()
  const { token } = route.useParams()
  const { data: settings } = useQuery(signInSettingsQuery)
  const rules = settings?.passwordRules ?? usualPasswordRules
  const reset = useResetPassword()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const used = isProblem(reset.error, 'invalid_token')
  const finding = findingAt(reset.error, '/password')

  if (reset.isSuccess) {
    return (
      <AuthLayout title={m.passwords.resetDoneTitle} text={m.passwords.resetDone}>
        <Button component={Link} to="/login">
          {m.auth.signIn}
        </Button>
      </AuthLayout>
    )
  }
  if (used) {
    return (
      <AuthLayout title={m.passwords.linkUsedTitle} text={m.passwords.linkUsed}>
        <Button component={Link} to="/forgot-password">
          {m.passwords.newLink}
        </Button>
        <Button component={Link} to="/login" variant="subtle">
          {m.signIn.backToSignIn}
        </Button>
      </AuthLayout>
    )
  }
  const ready = isLongEnough(password, rules) && again === password
  return (
    <AuthLayout title={m.passwords.resetTitle} text={m.passwords.resetText}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            reset.mutate({ token, password })
          }
        }}
      >
        <Stack gap="sm">
          {reset.isError && finding === undefined && (
            <Alert color="red" variant="light" role="alert">
              {errorText(reset.error, m)}
            </Alert>
          )}
          <NewPassword value={password} onChange={setPassword} rules={rules} error={finding && findingText(finding, m)} autoFocus />
          <PasswordInput
            label={m.auth.repeatPassword}
            autoComplete="new-password"
            value={again}
            error={again !== '' && again !== password && m.auth.mismatch}
            visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
          <Button type="submit" mt="xs" disabled={!ready} loading={reset.isPending}>
            {m.auth.change}
          </Button>
        </Stack>
      </form>
    </AuthLayout>
  )
}
