import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { showDone } from '@/shared/components/feedback'
import { Clash } from '@/shared/drafts/Clash'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useEdits } from '@/shared/drafts/useEdits'
import { useMessages } from '../texts/messages'
import { showAccessError } from './accessError'
import { Section } from './Section'

type Body = { name: string; description: string; version: number }
type Props = {
  /** Where a draft is kept. */
  place: string
  current: Body
  update: Pick<UseMutationResult<unknown, Error, Body>, 'mutateAsync' | 'isPending'>
  disabled: boolean
}

/** Name and description of something that has both. */
export function NameSection({ place, current, update, disabled }: Props) {
  const m = useMessages()
  const { name, description, version } = current
  const edits = useEdits(place, { name, description })
  const { values, set } = edits
  return (
    <Section title={m.access.nameAndDescription}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          update.mutateAsync({ name: values.name.trim(), description: values.description.trim(), version }).then(
            () => {
              edits.discard()
              showDone(m.access.saved, m)
            },
            (error: unknown) => showAccessError(error, m),
          )
        }}
      >
        <Stack gap="sm" maw={520}>
          {!disabled && <KeptNote at={edits.restoredAt} onDiscard={edits.discard} />}
          <TextInput label={m.common.name} value={values.name} maxLength={200} disabled={disabled} onChange={(event) => set('name', event.currentTarget.value)} />
          <Textarea
            label={m.common.description}
            value={values.description}
            maxLength={1000}
            autosize
            minRows={2}
            disabled={disabled}
            onChange={(event) => set('description', event.currentTarget.value)}
          />
          {edits.clashes.map((field) => (
            <Clash key={field} who={m.common.somebody} field={m.common[field]} theirs={current[field]} onTakeTheirs={() => edits.takeTheirs(field)} />
          ))}
          {!disabled && (
            <Group>
              <Button type="submit" disabled={!edits.dirty || values.name.trim() === ''} loading={update.isPending}>
                {m.common.save}
              </Button>
              {edits.dirty && (
                <Button variant="default" onClick={edits.discard}>
                  {m.save.discard}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
    </Section>
  )
}
