import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { session } from '../api/session'
import { useMessages } from '../i18n/messages'
import { errorText } from './feedback'

/** E-mail and password. `email` is given where the person is known already. */
export function LoginForm({ onDone, email: known }: { onDone: () => void; email?: string }) {
  const m = useMessages()
  const [email, setEmail] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await session.login(email.trim(), password)
      onDone()
    } catch (problem) {
      setError(
        isProblem(problem, 'invalid_credentials')
          ? m.auth.invalid
          : isProblem(problem, 'rate_limited')
            ? m.auth.rateLimited
            : errorText(problem, m),
      )
    } finally {
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {error !== null && (
          <Alert color="red" variant="light" role="alert">
            {error}
          </Alert>
        )}
        <TextInput
          label={m.auth.email}
          type="email"
          name="email"
          autoComplete="username"
          required
          readOnly={known !== undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          withAsterisk={false}
          data-autofocus={known === undefined || undefined}
        />
        <PasswordInput
          label={m.auth.password}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-autofocus={known !== undefined || undefined}
        />
        <Button type="submit" fullWidth mt="xs" loading={busy}>
          {m.auth.signIn}
        </Button>
      </Stack>
    </form>
  )
}
