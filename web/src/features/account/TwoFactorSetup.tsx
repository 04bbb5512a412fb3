import { Alert, Anchor, Button, CopyButton, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, findingAt, isProblem } from '@/shared/api/problem'
import { errorText } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { CodeInput, emptyCode, isCodeComplete } from '@/shared/signin/CodeInput'
import classes from './AccountPage.module.css'
import { RecoveryCodes } from './RecoveryCodes'
import { useTwoFactorActions } from './twoFactor'

type Props = { doneLabel: string; onDone: () => void; onCancel?: () => void }

/** Sets up a second factor: the password, the QR code, a first code, the recovery codes. */
export function TwoFactorSetup({ doneLabel, onDone, onCancel }: Props) {
  const m = useMessages()
  const queryClient = useQueryClient()
  const { data: me } = useQuery(meQuery)
  const { begin, confirm } = useTwoFactorActions()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState(emptyCode)
  // People whom an identity provider lets in may have no password here; the server asks for it if they have.
  const external = me?.session?.method !== undefined && me.session.method !== 'password'
  const asksForPassword = !external || findingAt(begin.error, '/password') !== undefined

  if (confirm.data !== undefined) {
    return (
      <RecoveryCodes
        codes={confirm.data.recoveryCodes}
        doneLabel={doneLabel}
        onSaved={() => {
          // Only now: the page that shows the codes would otherwise be replaced before anybody has read them.
          void queryClient.invalidateQueries({ queryKey: ['me'] }).then(onDone)
        }}
      />
    )
  }

  if (begin.data === undefined) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault()
          begin.mutate(asksForPassword ? { password } : {})
        }}
      >
        <Stack gap="sm" maw={420}>
          {begin.isError && findingAt(begin.error, '/password') === undefined && (
            <Alert color="red" variant="light" role="alert">
              {isProblem(begin.error, 'recent_sign_in_required') ? m.twoFactor.signInAgain : errorText(begin.error, m)}
            </Alert>
          )}
          <input type="hidden" name="username" autoComplete="username" value={me?.email ?? ''} />
          {asksForPassword && (
            <PasswordInput
              label={m.auth.password}
              description={m.twoFactor.whyPassword}
              autoComplete="current-password"
              value={password}
              autoFocus
              error={passwordError(begin.error) && m.auth.wrongCurrent}
              visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          )}
          <Group>
            <Button type="submit" loading={begin.isPending} disabled={asksForPassword && password === ''}>
              {m.twoFactor.begin}
            </Button>
            {onCancel && (
              <Button variant="default" onClick={onCancel}>
                {m.common.cancel}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    )
  }

  const { secret, uri, qrSvg } = begin.data
  const send = (value: string) => confirm.mutate(value, { onError: () => setCode(emptyCode) })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isCodeComplete(code)) {
          send(code.value)
        }
      }}
    >
      <Stack>
        <Step number={1} text={m.twoFactor.scan}>
          <Group align="flex-start" gap="lg">
            <img className={classes.qr} alt={m.twoFactor.qr} src={`data:image/svg+xml;utf8,${encodeURIComponent(qrSvg)}`} />
            <Stack gap={6} flex="1 1 220px" miw={0}>
              <Text size="sm">{m.twoFactor.typeInstead}</Text>
              <Text className="mono" size="sm" style={{ overflowWrap: 'anywhere' }} data-testid="totp-secret">
                {(secret.match(/.{1,4}/g) ?? []).join(' ')}
              </Text>
              <Group gap="md">
                <CopyButton value={secret}>
                  {({ copied, copy }) => (
                    <Button
                      variant="default"
                      size="compact-sm"
                      leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
                      onClick={copy}
                    >
                      {copied ? m.common.copied : m.twoFactor.copySecret}
                    </Button>
                  )}
                </CopyButton>
                <Anchor href={uri} size="sm">
                  {m.twoFactor.openApp}
                </Anchor>
              </Group>
            </Stack>
          </Group>
        </Step>
        <Step number={2} text={m.twoFactor.confirmText}>
          <Stack gap="sm" maw={320}>
            {confirm.isError && (
              <Alert color="red" variant="light" role="alert">
                {findingAt(confirm.error, '/code') ? m.findings.invalid_code : errorText(confirm.error, m)}
              </Alert>
            )}
            <CodeInput code={code} onChange={setCode} onComplete={({ value }) => send(value)} recovery={false} autoFocus />
            <Group>
              <Button type="submit" disabled={!isCodeComplete(code)} loading={confirm.isPending}>
                {m.twoFactor.turnOn}
              </Button>
              {onCancel && (
                <Button variant="default" onClick={onCancel}>
                  {m.common.cancel}
                </Button>
              )}
            </Group>
          </Stack>
        </Step>
      </Stack>
    </form>
  )
}

const passwordError = (error: unknown) =>
  error instanceof ApiProblem && error.errors.some(({ path, code }) => path === '/password' && code !== 'required')

function Step({ number, text, children }: { number: number; text: string; children: React.ReactNode }) {
  return (
    <div>
      <Text fw={600} mb="xs">
        {number}. {text}
      </Text>
      {children}
    </div>
  )
}
