import { ActionIcon, Alert, Button, Group, JsonInput, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { FlagType } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { keyError, newDraft, valueError, type VariantDraft } from './variantDrafts'
import { variantColor } from '@/shared/components/variantColor'

type Props = {
  type: FlagType
  drafts: VariantDraft[]
  onChange: (drafts: VariantDraft[]) => void
  readOnly?: boolean
}

/** The values that a flag can have, typed by the flag. */
export function VariantsEditor({ type, drafts, onChange, readOnly = false }: Props) {
  const m = useMessages()
  if (type === 'boolean') {
    return (
      <Text size="sm" c="dimmed">
        {m.variants.fixedBoolean}
      </Text>
    )
  }
  const change = (id: string, part: Partial<VariantDraft>) =>
    onChange(drafts.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)))
  const unusedKey = () => {
    let number = drafts.length + 1
    while (drafts.some((draft) => draft.key === `variant-${number}`)) {
      number += 1
    }
    return `variant-${number}`
  }

  return (
    <Stack gap="xs">
      {drafts.map((draft, index) => (
        <Group key={draft.id} align="flex-start" wrap="nowrap" gap="xs">
          <span
            aria-hidden
            style={{ width: 10, height: 10, borderRadius: 3, marginTop: 13, background: variantColor(index), flex: 'none' }}
          />
          <TextInput
            aria-label={`${m.variants.key} ${index + 1}`}
            placeholder={m.variants.key}
            value={draft.key}
            readOnly={readOnly}
            error={keyError(draft, drafts, m)}
            classNames={{ input: 'mono' }}
            spellCheck={false}
            w={150}
            onChange={(event) => change(draft.id, { key: event.currentTarget.value.trim() })}
          />
          {type === 'json' ? (
            <JsonInput
              aria-label={`${m.variants.value} ${draft.key}`}
              flex={1}
              autosize
              minRows={2}
              maxRows={14}
              formatOnBlur
              readOnly={readOnly}
              value={draft.text}
              error={valueError(type, draft.text, m)}
              classNames={{ input: 'mono' }}
              onChange={(text) => change(draft.id, { text })}
            />
          ) : (
            <TextInput
              aria-label={`${m.variants.value} ${draft.key}`}
              flex={1}
              inputMode={type === 'number' ? 'decimal' : undefined}
              readOnly={readOnly}
              value={draft.text}
              error={valueError(type, draft.text, m)}
              classNames={{ input: 'mono' }}
              onChange={(event) => change(draft.id, { text: event.currentTarget.value })}
            />
          )}
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={4}
              aria-label={m.variants.remove(draft.key)}
              disabled={drafts.length <= 2}
              onClick={() => onChange(drafts.filter(({ id }) => id !== draft.id))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {drafts.length < 2 && <Alert color="red">{m.variants.tooFew}</Alert>}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={15} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onChange([...drafts, newDraft(unusedKey(), type === 'json' ? '{}' : type === 'number' ? '0' : '')])}
        >
          {m.variants.add}
        </Button>
      )}
    </Stack>
  )
}
