import { Alert, Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { findingAt, isProblem } from '@/shared/api/problem'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { ErrorState } from '@/shared/components/ErrorState'
import { findingText } from '@/shared/components/findingText'
import { isLongEnough, NewPassword } from '@/shared/components/NewPassword'
import { relativeTime } from '@/shared/components/RelativeTime'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { CodeInput, emptyCode, isCodeComplete, type Code } from '@/shared/signin/CodeInput'
import { signInErrorText } from '@/shared/signin/signInErrorText'
import { useCountdown } from '@/shared/signin/useCountdown'
import { invitationQuery, useAcceptInvitation } from './invitation'

const route = getRouteApi('/invitations/$token')

/** What somebody meets who follows the link of an invitation. */
export function InvitationPage() {
  const m = useMessages()
  const { token } = route.useParams()
  const invitation = useQuery(invitationQuery(token))

  if (invitation.isPending) {
    return (
      <AuthLayout title={m.invitation.loading}>
        <Skeleton height={36} />
        <Skeleton height={36} />
      </AuthLayout>
    )
  }
  if (invitation.isError) {
    // One that expired, was used or was withdrawn is the same to the server as one that never was.
    return isProblem(invitation.error) && [404, 410, 409].includes(invitation.error.status) ? (
      <AuthLayout title={m.invitation.goneTitle} text={m.invitation.gone}>
        <Button component={Link} to="/login">
          {m.auth.signIn}
        </Button>
      </AuthLayout>
    ) : (
      <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />
    )
  }
  return <Accept token={token} invitation={invitation.data} />
}

type Invitation = {
  organization: { key: string; name: string }
  email: string
  invitedBy: string | null
  expiresAt: string
  hasAccount: boolean
  passwordRules: { minimumLength: number; maximumLength: number; breachedList: boolean }
}

function Accept({ token, invitation }: { token: string; invitation: Invitation }) {
  const m = useMessages()
  const { language } = useLanguage()
  const router = useRouter()
  const queryClient = useQueryClient()
  const accept = useAcceptInvitation(token)
  const [now] = useState(() => Date.now())
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<Code | null>(null)
  const [wait, startWait] = useCountdown()
  const { hasAccount, passwordRules: rules, email, organization, invitedBy } = invitation
  const finding = findingAt(accept.error, '/password') ?? findingAt(accept.error, '/name')
  const asksForCode = isProblem(accept.error, 'two_factor_code_required')
  const ready =
    wait === 0 &&
    (hasAccount
      ? password !== '' && (code === null || isCodeComplete(code))
      : name.trim() !== '' && isLongEnough(password, rules))

  const send = (second: Code | null) =>
    accept.mutate(hasAccount ? { password, code: second?.value } : { name: name.trim(), password }, {
      onSuccess: () => {
        queryClient.clear()
        router.history.push(`/?org=${encodeURIComponent(organization.key)}`)
      },
      onError: (error) => {
        if (isProblem(error, 'two_factor_code_required')) {
          setCode(emptyCode)
        } else if (isProblem(error, 'invalid_code') && second !== null) {
          setCode({ ...second, value: '' })
        } else if (isProblem(error, 'rate_limited')) {
          startWait(error.retryAfter ?? 30)
        }
      },
    })

  return (
    <AuthLayout
      width={460}
      title={m.invitation.title(organization.name)}
      text={
        <>
          {invitedBy === null ? m.invitation.text : m.invitation.by(invitedBy)}{' '}
          {m.invitation.until(relativeTime(invitation.expiresAt, now, language) ?? m.common.justNow)}
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            send(code)
          }
        }}
      >
        <Stack gap="sm">
          {accept.isError && !asksForCode && finding === undefined && (
            <Alert color="red" variant="light" role="alert">
              {isProblem(accept.error, 'invalid_credentials') ? m.invitation.wrongPassword : signInErrorText(accept.error, m)}
              {wait > 0 && ` ${m.signIn.wait(wait)}`}
            </Alert>
          )}
          <Text size="sm">{hasAccount ? m.invitation.existing : m.invitation.fresh}</Text>
          <TextInput label={m.auth.email} name="email" autoComplete="username" readOnly value={email} />
          {hasAccount ? (
            <PasswordInput
              label={m.auth.password}
              name="password"
              autoComplete="current-password"
              value={password}
              readOnly={code !== null}
              autoFocus
              visibilityToggleButtonProps={{ 'aria-label': m.passwords.show }}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          ) : (
            <>
              <TextInput
                label={m.account.name}
                name="name"
                autoComplete="name"
                maxLength={200}
                value={name}
                autoFocus
                error={findingAt(accept.error, '/name') && finding && findingText(finding, m)}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <NewPassword
                label={m.auth.password}
                value={password}
                onChange={setPassword}
                rules={rules}
                known={[name, email]}
                error={findingAt(accept.error, '/password') && finding && findingText(finding, m)}
              />
            </>
          )}
          {code !== null && (
            <CodeInput code={code} onChange={setCode} onComplete={(complete) => wait === 0 && send(complete)} autoFocus />
          )}
          <Button type="submit" mt="xs" disabled={!ready} loading={accept.isPending}>
            {hasAccount ? m.invitation.join : m.invitation.create}
          </Button>
        </Stack>
      </form>
    </AuthLayout>
  )
}
