import { Button, Center, Loader } from '@mantine/core'
import { IconMapQuestion } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'

export function RoutePending() {
  const m = useMessages()
  return (
    <Center py={120}>
      <Loader aria-label={m.common.loading} />
    </Center>
  )
}

export function RouteErrorPage({ error, reset }: { error: unknown; reset: () => void }) {
  const m = useMessages()
  return <ErrorState error={error} title={m.errors.page} onRetry={reset} />
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
