import { Alert, Box, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import { isProblem } from '@/shared/api/problem'
import { errorText, showDone } from '@/shared/components/feedback'
import { Logo } from '@/shared/components/Logo'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'

const shortest = 10

type Passwords = { currentPassword: string; newPassword: string }

function useChangePassword() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (body: Passwords) => unwrap(client.POST('/api/v1/me/password', { body })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['me'] }),
  })
}

export function ChangePasswordPage() {
  const m = useMessages()
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const change = useChangePassword()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const forced = me?.mustChangePassword ?? false
  const tooShort = next !== '' && next.length < shortest
  const differs = again !== '' && again !== next
  const ready = current !== '' && next.length >= shortest && again === next

  const submit = () =>
    change.mutate(
      { currentPassword: current, newPassword: next },
      {
        onSuccess: () => {
          showDone(m.auth.changed, m)
          void navigate({ to: '/' })
        },
      },
    )

  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={420}>
        <Center mb="lg">
          <Logo size={36} />
        </Center>
        <Paper className="surface" p="xl" shadow="sm">
          <form
            onSubmit={(event) => {
              event.preventDefault()
              submit()
            }}
          >
            <Stack gap="sm">
              <Title order={1} size="h3">
                {m.auth.changeTitle}
              </Title>
              {forced && <Text c="dimmed">{m.auth.changeForced}</Text>}
              {change.isError && (
                <Alert color="red" role="alert">
                  {isProblem(change.error, 'invalid_credentials') ? m.auth.wrongCurrent : errorText(change.error, m)}
                </Alert>
              )}
              <input type="hidden" name="username" autoComplete="username" value={me?.email ?? ''} />
              <PasswordInput
                label={m.auth.currentPassword}
                autoComplete="current-password"
                value={current}
                onChange={(event) => setCurrent(event.currentTarget.value)}
              />
              <PasswordInput
                label={m.auth.newPassword}
                description={m.auth.tooShort}
                autoComplete="new-password"
                value={next}
                error={tooShort}
                onChange={(event) => setNext(event.currentTarget.value)}
              />
              <PasswordInput
                label={m.auth.repeatPassword}
                autoComplete="new-password"
                value={again}
                error={differs && m.auth.mismatch}
                onChange={(event) => setAgain(event.currentTarget.value)}
              />
              <Button type="submit" mt="xs" disabled={!ready} loading={change.isPending}>
                {m.auth.change}
              </Button>
              {!forced && (
                <Button component={Link} to="/" variant="subtle">
                  {m.common.cancel}
                </Button>
              )}
            </Stack>
          </form>
        </Paper>
      </Box>
    </Center>
  )
}
