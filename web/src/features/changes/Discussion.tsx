import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { ActorIcon } from '@/shared/audit/ActorIcon'
import { useChangeRequestActions, type ChangeRequestView } from '@/shared/changes/changeRequests'
import { showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { mentioned, pieces, type Person } from './mentions'
import { MentionTextarea } from './MentionTextarea'
import { useTexts } from './texts/useTexts'

/** What happened to a request and what people said, in order. */
export function Discussion({ scope, request }: { scope: Scope; request: ChangeRequestView }) {
  const m = useMessages()
  const t = useTexts()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<Person[]>([])
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
                  {pieces(event.text, event.mentions).map((piece, i) =>
                    piece.isMention ? (
                      <Text key={i} span inherit fw={600} c="var(--mantine-primary-color-light-color)">
                        {piece.text}
                      </Text>
                    ) : (
                      piece.text
                    ),
                  )}
                </Text>
              )}
            </div>
          </Group>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            say.mutate(
              { text: text.trim(), mentions: mentioned(text, chosen).map(({ id }) => id) },
              {
                onSuccess: () => {
                  setText('')
                  setChosen([])
                },
                onError: (error) => showError(m.errors.title, error, m),
              },
            )
          }}
        >
          <MentionTextarea
            scope={scope}
            label={t.comment}
            placeholder={t.commentPlaceholder}
            listLabel={t.mentionable}
            value={text}
            onChange={setText}
            onMention={(person) => setChosen((before) => [...before, person])}
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
