import { Box, Center, Paper, Stack, Text, Title } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { LoginForm } from '@/shared/components/LoginForm'
import { Logo } from '@/shared/components/Logo'
import { useMessages } from '@/shared/i18n/messages'

const route = getRouteApi('/login')

export function LoginPage() {
  const m = useMessages()
  const { to } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()

  const enter = () => {
    queryClient.clear()
    // Only a path of this site: an address from outside must not be able to lead elsewhere.
    const target = to !== undefined && /^\/(?![/\\])/.test(to) ? to : '/'
    router.history.push(target)
  }

  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={400}>
        <Center mb="lg">
          <Logo size={36} />
        </Center>
        <Paper className="surface" p="xl" shadow="sm">
          <Stack>
            <div>
              <Title order={1} size="h3">
                {m.auth.title}
              </Title>
              <Text c="dimmed" size="sm">
                {m.auth.subtitle}
              </Text>
            </div>
            <LoginForm onDone={enter} />
          </Stack>
        </Paper>
      </Box>
    </Center>
  )
}
