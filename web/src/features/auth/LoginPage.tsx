import { Alert, Code, Group, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { AuthLayout } from '@/shared/components/AuthLayout'
import { useMessages } from '@/shared/i18n/messages'
import { LoginForm } from '@/shared/signin/LoginForm'
import { safePath } from '@/shared/signin/safePath'
import { signInSettingsQuery } from '@/shared/signin/settings'
import { signInCodeText } from '@/shared/signin/signInErrorText'

const route = getRouteApi('/login')

// The account of every demo: it is in the documentation.
const demo = { email: 'admin@togglr.dev', password: 'password543210' }

export function LoginPage() {
  const m = useMessages()
  const { to, error, requestId } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()
  const { data: settings } = useQuery(signInSettingsQuery)
  const target = safePath(to)

  const enter = () => {
    queryClient.clear()
    router.history.push(target)
  }

  return (
    <AuthLayout title={m.auth.title} text={m.auth.subtitle}>
      {error !== undefined && (
        <Alert color="red" variant="light" role="alert" title={m.signIn.failedTitle}>
          {signInCodeText(error, m) ?? m.signIn.failedUnknown}
          {requestId !== undefined && (
            <Text size="xs" c="dimmed" className="mono" mt={6} style={{ overflowWrap: 'anywhere' }}>
              {m.errors.requestId(requestId.slice(0, 100))}
            </Text>
          )}
        </Alert>
      )}
      <LoginForm onDone={enter} returnTo={target} />
      {settings?.demo && (
        <Alert role="note" variant="light" color="brand" icon={<IconInfoCircle aria-hidden />} title={m.signIn.demoTitle}>
          <Group gap={6}>
            <Code>{demo.email}</Code>
            <Code>{demo.password}</Code>
          </Group>
        </Alert>
      )}
    </AuthLayout>
  )
}
