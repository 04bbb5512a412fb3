import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { ProviderMapping } from '../api/types'
import { GrantPicker } from '../parts/GrantPicker'
import { useTexts } from './texts/useTexts'

type Props = { org: string; value: ProviderMapping[]; onChange: (mappings: ProviderMapping[]) => void; error?: string }

/** Which group or claim value of the provider gives which role where. */
export function MappingsEditor({ org, value, onChange, error }: Props) {
  const t = useTexts()
  const set = (index: number, mapping: ProviderMapping) => onChange(value.map((item, at) => (at === index ? mapping : item)))
  return (
    <Stack gap="sm">
      {value.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.providers.noMappings}
        </Text>
      )}
      {value.map((mapping, index) => (
        <fieldset key={index} style={{ margin: 0, padding: 12, border: '1px solid var(--togglr-border)', borderRadius: 8, minWidth: 0 }} aria-label={t.providers.mapping(index + 1)}>
          <Group gap="xs" wrap="nowrap" align="flex-end" mb={8}>
            <TextInput
              label={t.providers.match}
              style={{ flex: 1 }}
              value={mapping.match}
              maxLength={1000}
              spellCheck={false}
              classNames={{ input: 'mono' }}
              placeholder={'engineering'}
              onChange={(event) => set(index, { ...mapping, match: event.currentTarget.value })}
            />
            <ActionIcon
              mb={4}
              variant="subtle"
              color="gray"
              aria-label={t.providers.dropMapping(index + 1)}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
          <GrantPicker
            org={org}
            value={{ role: mapping.role, project: mapping.project ?? undefined, environment: mapping.environment ?? undefined }}
            onChange={(grant) => set(index, { match: mapping.match, ...grant })}
          />
        </fieldset>
      ))}
      {error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
      <Group>
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => onChange([...value, { match: '', role: 'viewer' }])}>
          {t.providers.addMapping}
        </Button>
      </Group>
    </Stack>
  )
}
