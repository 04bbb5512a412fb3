import { ActionIcon, Button, Group, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { cellsOf, type Context, type Fault } from './draft'
import { useBanditTexts } from './texts/useBanditTexts'

type Props = { context: Context[]; faults: ReadonlySet<Fault>; onChange: (context: Context[]) => void }

/** The attributes by which people are told apart. */
export function ContextFields({ context, faults, onChange }: Props) {
  const t = useBanditTexts()
  const set = (index: number, changed: Partial<Context>) => onChange(context.map((item, i) => (i === index ? { ...item, ...changed } : item)))
  const fault = faults.has('context') ? t.contextFault : faults.has('cells') ? t.cellsFault(cellsOf(context)) : faults.has('needsContext') ? t.needsContext : null
  return (
    <Stack gap="xs" role="group" aria-label={t.context}>
      <div>
        <Text size="sm" fw={500}>
          {t.context}
        </Text>
        <Text size="xs" c="dimmed">
          {t.contextHint}
        </Text>
      </div>
      {context.map((item, index) => (
        <Group key={index} wrap="nowrap" align="flex-end" gap="xs">
          <TextInput label={t.attribute} flex="1 1 130px" miw={0} maxLength={100} value={item.attribute} onChange={(event) => set(index, { attribute: event.currentTarget.value })} />
          <TagsInput label={t.values} flex="2 1 200px" miw={0} maxTags={16} value={item.values} onChange={(values) => set(index, { values })} acceptValueOnBlur />
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.removeAttribute} onClick={() => onChange(context.filter((_, i) => i !== index))}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {fault !== null && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {fault}
        </Text>
      )}
      {context.length < 4 && (
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => onChange([...context, { attribute: '', values: [] }])}>
          {t.addAttribute}
        </Button>
      )}
    </Stack>
  )
}
