import { Button, Group, NativeSelect, PasswordInput, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Field } from './fields'
import { useTexts } from './texts/useTexts'

type Texts = { label: string; hint?: string; choices?: Record<string, string> }

type Props = { field: Field; texts: Texts; value: unknown; error?: string; secretSet?: boolean; onChange: (value: unknown) => void }

/** The input of one setting. */
export function SettingField({ field, texts, value, error, secretSet, onChange }: Props) {
  const common = { label: texts.label, description: texts.hint, error, required: field.required, withAsterisk: field.required }
  switch (field.input) {
    case 'switch':
      return <Switch label={texts.label} description={texts.hint} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
    case 'choice':
      return (
        <NativeSelect
          {...common}
          value={typeof value === 'string' ? value : (field.choices?.[0] ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
          data={(field.choices ?? []).map((choice) => ({ value: choice, label: texts.choices?.[choice === '' ? 'automatic' : choice] ?? choice }))}
        />
      )
    case 'number':
      return (
        <TextInput
          {...common}
          type="number"
          min={0}
          maw={220}
          value={typeof value === 'number' ? String(value) : ''}
          placeholder={field.preset}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))}
        />
      )
    case 'list':
      return <Words {...common} separator=" " field={field} value={value} onChange={onChange} />
    case 'lines':
      return <Words {...common} separator={'\n'} field={field} value={value} onChange={onChange} />
    case 'certificates':
      return <Certificates {...common} value={value} onChange={onChange} />
    case 'block':
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          placeholder={field.preset}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'secret':
      return <SecretField texts={texts} error={error} value={value} set={secretSet ?? false} onChange={onChange} />
    default:
      return (
        <TextInput
          {...common}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          placeholder={field.preset}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
  }
}

type WordsProps = {
  label: string
  description?: string
  error?: string
  required?: boolean
  separator: string
  field: Field
  value: unknown
  onChange: (value: string[]) => void
}

/** A list of words, typed as a text: what is typed stays as it is while it is typed. */
function Words({ separator, field, value, onChange, ...common }: WordsProps) {
  const [text, setText] = useState(() => (Array.isArray(value) ? value.join(separator) : ''))
  const Input = separator === '\n' ? Textarea : TextInput
  return (
    <Input
      {...common}
      {...(separator === '\n' ? { autosize: true, minRows: 1, maxRows: 6 } : {})}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      placeholder={field.preset}
      value={text}
      onChange={(event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
        setText(event.currentTarget.value)
        onChange(event.currentTarget.value.split(/[\s,]+/).filter((word) => word !== ''))
      }}
    />
  )
}

type CertificateProps = { label: string; description?: string; error?: string; value: unknown; onChange: (value: string[]) => void }

/** Certificates one below the other, in PEM or as the single base64 text of metadata. */
function Certificates({ value, onChange, ...common }: CertificateProps) {
  const [text, setText] = useState(() => (Array.isArray(value) ? value.join('\n\n') : ''))
  return (
    <Textarea
      label={common.label}
      description={common.description}
      error={common.error}
      autosize
      minRows={3}
      maxRows={10}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value
        setText(typed)
        const found = typed.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? typed.split(/\n\s*\n/)
        onChange(found.map((item) => item.trim()).filter((item) => item !== ''))
      }}
    />
  )
}

type SecretProps = { texts: Texts; error?: string; value: unknown; set: boolean; onChange: (value: unknown) => void }

/** A secret that can be written and never read. */
function SecretField({ texts, error, value, set, onChange }: SecretProps) {
  const t = useTexts()
  const [replacing, setReplacing] = useState(false)
  if (set && !replacing) {
    return (
      <div>
        <Text size="sm" fw={500}>
          {texts.label}
        </Text>
        <Group gap="sm" mt={4}>
          <Text size="sm" c="dimmed">
            {t.providers.secretSet}
          </Text>
          <Button size="compact-sm" variant="default" aria-label={`${t.providers.replaceSecret}: ${texts.label}`} onClick={() => setReplacing(true)}>
            {t.providers.replaceSecret}
          </Button>
        </Group>
      </div>
    )
  }
  return (
    <PasswordInput
      label={texts.label}
      description={texts.hint}
      error={error}
      autoComplete="new-password"
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
