import { Anchor, Button, Center, Code, Loader, Stack, Text } from '@mantine/core'
import { IconMapQuestion, IconRefresh } from '@tabler/icons-react'
import { Link, useRouter } from '@tanstack/react-router'
import { ApiProblem } from '@/shared/api/problem'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'

export function RoutePending() {
  const m = useMessages()
  return (
    <Center py={120}>
      <Loader role="status" aria-label={m.common.loading} />
    </Center>
  )
}

/** A page that failed while it was loaded or shown. The frame around it still works. */
export function RouteErrorPage({ error, reset }: { error: unknown; reset: () => void }) {
  const m = useMessages()
  const router = useRouter()
  if (isStalePart(error)) {
    return (
      <EmptyState icon={IconRefresh} title={m.crash.newVersion} text={m.crash.newVersionText}>
        <Button mt="xs" onClick={() => location.reload()}>
          {m.common.reload}
        </Button>
      </EmptyState>
    )
  }
  const retry = () => {
    reset()
    void router.invalidate()
  }
  return (
    <>
      <ErrorState page error={error instanceof ApiProblem ? error : new Error(m.crash.unexpected)} title={m.errors.page} onRetry={retry} />
      <Stack align="center" gap="md" mt={-40} pb={64} px="md">
        <Anchor component={Link} to="/" size="sm">
          {m.errors.goHome}
        </Anchor>
        {!(error instanceof ApiProblem) && (
          <details style={{ maxWidth: 640, width: '100%' }}>
            <Text component="summary" size="sm" c="dimmed" style={{ cursor: 'pointer' }}>
              {m.crash.details}
            </Text>
            <Code block mt="xs">
              {`${String(error)}\n${location.pathname}\n${new Date().toISOString()}`}
            </Code>
          </details>
        )}
      </Stack>
    </>
  )
}

/** A part of the application that the server no longer has, because it was updated while the page was open. */
function isStalePart(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|module script|Importing a module/i.test(error.message)
}

export function NotFoundPage() {
  const m = useMessages()
  return (
    <EmptyState icon={IconMapQuestion} title={m.errors.notFoundTitle} text={m.errors.notFoundText}>
      <Button component={Link} to="/" mt="xs">
        {m.errors.goHome}
      </Button>
    </EmptyState>
  )
}
