import { Button, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { ActorIcon } from '@/shared/audit/ActorIcon'
import { useChangeRequestActions, type ChangeRequestView } from '@/shared/changes/changeRequests'
import { showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useTexts } from './texts/useTexts'

/** What happened to a request and what people said, in order. */
export function Discussion({ scope, request }: { scope: Scope; request: ChangeRequestView }) {
  const m = useMessages()
  const t = useTexts()
  const [text, setText] = useState('')
  const { say } = useChangeRequestActions(scope, request.number)
  const kinds = t.events as Record<string, string>
  return (
    <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Title order={2} size="h5" mb="sm">
        {t.discussion}
      </Title>
      <Stack gap="sm">
        {request.events.map((event, index) => (
          // Events are only ever added.
          <Group key={index} wrap="nowrap" gap="sm" align="flex-start">
            <ActorIcon actor={event.actor} size={26} />
            <div style={{ minWidth: 0 }}>
              <Text size="sm" component="div">
                <b>{event.actor.name}</b> {kinds[event.kind] ?? event.kind}{' '}
                <Text span size="xs" c="dimmed">
                  <RelativeTime at={event.at} />
                </Text>
              </Text>
              {event.text !== '' && (
                <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                  {event.text}
                </Text>
              )}
            </div>
          </Group>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            say.mutate(text.trim(), { onSuccess: () => setText(''), onError: (error) => showError(m.errors.title, error, m) })
          }}
        >
          <Textarea
            label={t.comment}
            placeholder={t.commentPlaceholder}
            autosize
            minRows={2}
            maxLength={10_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="xs">
            <Button type="submit" variant="default" disabled={text.trim() === ''} loading={say.isPending}>
              {t.say}
            </Button>
          </Group>
        </form>
      </Stack>
    </section>
  )
}
