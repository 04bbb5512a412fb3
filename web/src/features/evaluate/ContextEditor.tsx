import { ActionIcon, Autocomplete, Button, Group, Input, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { attributesQuery } from '@/shared/project/catalogue'
import { useScope } from '@/shared/project/scope'
import { newRow, parseContext, toContext, toRows, type EvaluationContext } from '@/shared/targeting/contextRows'

type Props = {
  context: EvaluationContext
  onChange: (context: EvaluationContext) => void
  onValid: (valid: boolean) => void
}

/** Who is asked about: as a form with the project's attributes, or as JSON. */
export function ContextEditor({ context, onChange, onValid }: Props) {
  const m = useMessages()
  const { data: attributes = [] } = useQuery(attributesQuery(useScope()))
  const [view, setView] = useState<'form' | 'json'>('form')
  const [targetingKey, setTargetingKey] = useState(String(context.targetingKey ?? ''))
  const [rows, setRows] = useState(() => [...toRows(context), newRow()])
  const [text, setText] = useState('')
  const [error, setError] = useState<string | null>(null)
  const attribute = (name: string) => attributes.find((item) => item.name === name)

  const editForm = (key: string, next: typeof rows) => {
    setTargetingKey(key)
    setRows(next)
    onChange(toContext(key, next, (name) => attribute(name)?.type))
  }
  const editJson = (source: string) => {
    setText(source)
    try {
      const parsed = parseContext(source)
      setError(null)
      onValid(true)
      onChange(parsed)
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem))
      onValid(false)
    }
  }
  const show = (next: 'form' | 'json') => {
    if (next === 'json') {
      setText(JSON.stringify(context, null, 2))
      setError(null)
    } else {
      setTargetingKey(String(context.targetingKey ?? ''))
      setRows([...toRows(context), newRow()])
    }
    setView(next)
  }

  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={m.targeting.view}
        value={view}
        disabled={error !== null}
        onChange={(next) => show(next as 'form' | 'json')}
        data={[
          { value: 'form', label: m.evaluate.form },
          { value: 'json', label: 'JSON' },
        ]}
      />
      {view === 'json' ? (
        <Textarea
          label={m.evaluate.contextJson}
          autosize
          minRows={8}
          maxRows={24}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={text}
          error={error !== null && m.evaluate.jsonInvalid(error)}
          onChange={(event) => editJson(event.currentTarget.value)}
        />
      ) : (
        <>
          <TextInput
            label={m.evaluate.targetingKey}
            description={m.evaluate.targetingKeyHint}
            placeholder={"user-123"}
            value={targetingKey}
            classNames={{ input: 'mono' }}
            spellCheck={false}
            onChange={(event) => editForm(event.currentTarget.value, rows)}
          />
          <div role="group" aria-label={m.evaluate.attributes}>
            <Input.Label component="div" mb={4}>
              {m.evaluate.attributes}
            </Input.Label>
            <Stack gap={6}>
              {rows.map((row) => (
                <Group key={row.id} gap={6} wrap="nowrap">
                  <Autocomplete
                    aria-label={m.evaluate.attributeName}
                    placeholder={m.evaluate.attributeName}
                    flex={1}
                    data={attributes.map(({ name }) => name)}
                    value={row.name}
                    classNames={{ input: 'mono' }}
                    comboboxProps={{ width: 220, position: 'bottom-start' }}
                    onChange={(name) => editForm(targetingKey, rows.map((item) => (item.id === row.id ? { ...item, name } : item)))}
                  />
                  <Autocomplete
                    aria-label={`${m.evaluate.attributeValue} ${row.name}`}
                    placeholder={attribute(row.name)?.type ?? m.evaluate.attributeValue}
                    flex={1}
                    data={attribute(row.name)?.type === 'boolean' ? ['true', 'false'] : (attribute(row.name)?.values ?? [])}
                    value={row.text}
                    classNames={{ input: 'mono' }}
                    onChange={(value) => editForm(targetingKey, rows.map((item) => (item.id === row.id ? { ...item, text: value } : item)))}
                  />
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={m.evaluate.removeAttribute(row.name)}
                    onClick={() => editForm(targetingKey, rows.filter(({ id }) => id !== row.id))}
                  >
                    <IconX size={15} />
                  </ActionIcon>
                </Group>
              ))}
            </Stack>
            <Button mt={6} variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setRows([...rows, newRow()])}>
              {m.evaluate.addAttribute}
            </Button>
          </div>
        </>
      )}
      <Text size="xs" c="dimmed" className="mono" lineClamp={2}>
        {view === 'form' ? JSON.stringify(context) : ''}
      </Text>
    </Stack>
  )
}
