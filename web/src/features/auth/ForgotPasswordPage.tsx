import { Alert, Button, Stack, Text, TextInput } from '@mantine/core'
import { IconMailForward } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { errorText } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { signInSettingsQuery } from '@/shared/signin/settings'
import { useCountdown } from '@/shared/signin/useCountdown'
import { useForgotPassword } from './passwordReset'

export function ForgotPasswordPage() {
  const m = useMessages()
  const [email, setEmail] = useState('')
  const [wait, startWait] = useCountdown()
  const { data: settings } = useQuery(signInSettingsQuery)
  const forgot = useForgotPassword()
  const back = (
    <Button component={Link} to="/login" variant="subtle" fullWidth>
      {m.signIn.backToSignIn}
    </Button>
  )

  if (settings?.mail === false) {
    return (
      <AuthLayout title={m.passwords.forgotTitle} text={m.passwords.noMail}>
        {back}
      </AuthLayout>
    )
  }
  if (forgot.isSuccess) {
    return (
      <AuthLayout title={m.passwords.sentTitle}>
        <Stack>
          <Stack align="center" gap="xs" role="status">
            <IconMailForward size={44} stroke={1.4} aria-hidden color="var(--mantine-primary-color-filled)" />
            <Text size="sm" ta="center" style={{ overflowWrap: 'anywhere' }}>
              {m.passwords.sent(email.trim())}
            </Text>
          </Stack>
          <Button variant="default" onClick={() => forgot.reset()}>
            {m.passwords.sendAgain}
          </Button>
          {back}
        </Stack>
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={m.passwords.forgotTitle} text={m.passwords.forgotText}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          forgot.mutate(email.trim(), {
            onError: (error) => isProblem(error, 'rate_limited') && startWait(error.retryAfter ?? 30),
          })
        }}
      >
        <Stack gap="sm">
          {forgot.isError && (
            <Alert color="red" variant="light" role="alert">
              {errorText(forgot.error, m)} {wait > 0 && m.signIn.wait(wait)}
            </Alert>
          )}
          <TextInput
            label={m.auth.email}
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" fullWidth mt="xs" loading={forgot.isPending} disabled={wait > 0 || email.trim() === ''}>
            {m.passwords.send}
          </Button>
          {back}
        </Stack>
      </form>
    </AuthLayout>
  )
}
