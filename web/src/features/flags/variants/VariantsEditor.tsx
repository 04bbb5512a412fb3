import { ActionIcon, Alert, Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'
import type { ProblemDetail } from '@/shared/api/problem'
import type { FlagType } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { keyError, newDraft, valueError, type VariantDraft } from './variantDrafts'
import { variantColor } from '@/shared/components/variantColor'
import classes from './VariantsEditor.module.css'

type Props = {
  type: FlagType
  drafts: VariantDraft[]
  onChange: (drafts: VariantDraft[]) => void
  readOnly?: boolean
  /** What the server found when it was asked to save. */
  refused?: ProblemDetail[]
  /** What the values of JSON variants are held to, as it stands in its editor. */
  schema?: string
}

const JsonValue = lazy(() => import('./JsonValue'))

/** The values that a flag can have, typed by the flag. */
export function VariantsEditor({ type, drafts, onChange, readOnly = false, refused = [], schema = '' }: Props) {
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
        <Group key={draft.id} align="flex-start" wrap={type === 'json' ? 'wrap' : 'nowrap'} gap="xs">
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
            <div className={classes.json}>
              <Suspense fallback={<Skeleton height={92} />}>
                <JsonValue
                  label={`${m.variants.value} ${draft.key}`}
                  text={draft.text}
                  readOnly={readOnly}
                  schema={schema}
                  refused={refused.filter(({ path }) => path.startsWith(`/variants/${index}/value`))}
                  onChange={(text) => change(draft.id, { text })}
                />
              </Suspense>
            </div>
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
