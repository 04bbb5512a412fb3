import { Alert, Anchor, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { isProblem } from '../api/problem'
import { session } from '../api/session'
import { useMessages } from '../i18n/messages'
import { CodeInput, emptyCode, isCodeComplete, type Code } from './CodeInput'
import { Providers, type Provider } from './Providers'
import { addressWithDomain } from './settings'
import { signInErrorText } from './signInErrorText'
import { useCountdown } from './useCountdown'

type Props = {
  onDone: () => void
  /** Where the person is known already: their address. */
  email?: string
  /** Only the identity providers of this organization. */
  org?: string
  /** Whether a password is of any use here. */
  passwords?: boolean
  /** Where an identity provider leads back to, on this site. */
  returnTo?: string
  /** Whether the page must stay as it is: identity providers open beside it, and there is no way to other pages. */
  beside?: boolean
}

/** The ways to sign in: e-mail and password, the second factor after it, directories and single sign-on. */
export function LoginForm({ onDone, email: known, org, passwords = true, returnTo = '/', beside = false }: Props) {
  const m = useMessages()
  const [email, setEmail] = useState(known ?? '')
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [directory, setDirectory] = useState<Provider | null>(null)
  const [code, setCode] = useState<Code | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [wait, startWait] = useCountdown()
  const [domain] = useDebouncedValue(addressWithDomain(email), 300)

  const send = async (second: Code | null) => {
    setBusy(true)
    setError(null)
    try {
      if (directory !== null) {
        await session.signIn(`/api/v1/auth/ldap/${encodeURIComponent(directory.id)}`, { username: username.trim(), password, code: second?.value })
      } else {
        await session.login(email.trim(), password, second?.value)
      }
      onDone()
    } catch (problem) {
      if (isProblem(problem, 'two_factor_code_required')) {
        setCode(emptyCode)
        return
      }
      if (isProblem(problem, 'rate_limited')) {
        startWait(problem.retryAfter ?? 30)
      }
      if (isProblem(problem, 'invalid_code') && second !== null) {
        setCode({ ...second, value: '' })
      }
      setError(signInErrorText(problem, m))
    } finally {
      setBusy(false)
    }
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wait === 0 && (code === null || isCodeComplete(code))) {
      void send(code)
    }
  }

  const leave = () => {
    setCode(null)
    setDirectory(null)
    setPassword('')
    setError(null)
  }

  const alert = error !== null && (
    <Alert color="red" variant="light" role="alert">
      {error}
      {wait > 0 && ` ${m.signIn.wait(wait)}`}
    </Alert>
  )
  const back = (
    <Anchor component="button" type="button" size="sm" onClick={leave}>
      <Group gap={4} component="span">
        <IconArrowLeft size={15} aria-hidden />
        {m.signIn.otherWay}
      </Group>
    </Anchor>
  )

  if (code !== null) {
    return (
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">{m.twoFactor.signInText}</Text>
          {alert}
          <CodeInput code={code} onChange={setCode} onComplete={(complete) => wait === 0 && void send(complete)} autoFocus />
          <Button type="submit" fullWidth mt="xs" loading={busy} disabled={!isCodeComplete(code) || wait > 0}>
            {m.auth.signIn}
          </Button>
          {back}
        </Stack>
      </form>
    )
  }

  return (
    <Stack gap="sm">
      {(passwords || directory !== null) && (
        <form onSubmit={submit} key={directory?.id ?? 'password'}>
          <Stack gap="sm">
            {alert}
            {directory === null ? (
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
            ) : (
              <>
                <Text size="sm">{m.signIn.directoryText(directory.name)}</Text>
                <TextInput
                  label={m.signIn.username}
                  name="username"
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                  required
                  value={username}
                  onChange={(event) => setUsername(event.currentTarget.value)}
                  withAsterisk={false}
                  autoFocus
                />
              </>
            )}
            <PasswordInput
              label={m.auth.password}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
              onChange={(event) => setPassword(event.currentTarget.value)}
              data-autofocus={known !== undefined || undefined}
            />
            <Button type="submit" fullWidth mt="xs" loading={busy} disabled={wait > 0}>
              {m.auth.signIn}
            </Button>
            {directory !== null && back}
          </Stack>
        </form>
      )}
      {directory === null && (
        <>
          {passwords && !beside && (
            <Anchor component={Link} to="/forgot-password" size="sm" ta="center">
              {m.signIn.forgot}
            </Anchor>
          )}
          <Providers
            email={domain}
            org={org}
            returnTo={returnTo}
            beside={beside}
            divided={passwords}
            empty={passwords ? undefined : m.signIn.noProvider}
            onDirectory={(provider) => {
              leave()
              setDirectory(provider)
            }}
          />
        </>
      )}
    </Stack>
  )
}
