import { Alert, Anchor, Center, Loader, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, Navigate, useRouter } from '@tanstack/react-router'
import { session } from '@/shared/api/session'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { LoginForm } from '@/shared/signin/LoginForm'
import { safePath } from '@/shared/signin/safePath'
import { TwoFactorSetup } from './TwoFactorSetup'

const route = getRouteApi('/signedIn/requirement/$org')

/** What an organization asks for before it lets somebody in who has signed in already: a second factor, or its own sign-in. */
export function RequirementPage() {
  const m = useMessages()
  const { org } = route.useParams()
  const { to } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { data: me } = useQuery(meQuery)
  const target = safePath(to)
  const organization = me?.organizations.find(({ key }) => key === org)

  const goOn = async () => {
    await queryClient.refetchQueries({ queryKey: meQuery.queryKey })
    router.history.push(target)
  }

  if (me === undefined) {
    return (
      <Center mih="100dvh">
        <Loader aria-label={m.common.loading} />
      </Center>
    )
  }
  if (organization === undefined || organization.requirement === null) {
    return <Navigate to={target} replace />
  }
  const others = me.organizations.some(({ key, requirement }) => key !== org && requirement === null)
  const ways = (
    <Text size="sm" ta="center">
      {others && (
        <>
          <Anchor component={Link} to="/">
            {m.requirement.elsewhere}
          </Anchor>
          {' · '}
        </>
      )}
      <Anchor component="button" type="button" onClick={() => void session.logout().then(() => location.assign('/login'))}>
        {m.app.signOut}
      </Anchor>
    </Text>
  )

  if (organization.requirement === 'sso_required') {
    return (
      <AuthLayout title={m.requirement.ssoTitle(organization.name)} text={m.requirement.ssoText}>
        <LoginForm email={me.email} org={org} passwords={false} returnTo={target} onDone={() => void goOn()} />
        {ways}
      </AuthLayout>
    )
  }
  return (
    <AuthLayout width={600} title={m.requirement.twoFactorTitle(organization.name)} text={m.requirement.twoFactorText}>
      {me.twoFactor ? (
        <Stack>
          <Alert variant="light">{m.requirement.signInWithCode}</Alert>
          <LoginForm email={me.email} onDone={() => void goOn()} returnTo={target} beside />
        </Stack>
      ) : (
        <TwoFactorSetup doneLabel={m.requirement.goOn} onDone={() => void goOn()} />
      )}
      {ways}
    </AuthLayout>
  )
}
