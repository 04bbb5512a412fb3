import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { ApiProblem } from '../api/problem'
import { useMessages } from '../i18n/messages'
import { errorText } from './feedback'

/** A part of a page, or all of it (`page`), that could not be loaded: what happened, the request's id for whoever looks into it, and a retry. */
export function ErrorState({ error, title, onRetry, page = false }: { error: unknown; title?: string; onRetry?: () => void; page?: boolean }) {
  const m = useMessages()
  const requestId = error instanceof ApiProblem ? error.requestId : undefined
  return (
    <Stack align="center" gap="xs" py={64} px="md" role="alert">
      <IconPlugConnectedX size={40} stroke={1.4} color="var(--mantine-color-red-6)" aria-hidden />
      <Title order={page ? 1 : 2} size="h4">
        {title ?? m.errors.title}
      </Title>
      <Text c="dimmed" ta="center" maw={480}>
        {errorText(error, m)}
      </Text>
      {requestId !== undefined && <Code>{m.errors.requestId(requestId)}</Code>}
      {onRetry && (
        <Button variant="default" mt="xs" onClick={onRetry}>
          {m.common.retry}
        </Button>
      )}
    </Stack>
  )
}
