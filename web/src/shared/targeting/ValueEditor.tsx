import { Button, Group, NumberInput, SegmentedControl, TagsInput, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AttributeType } from '../api/types'
import { splitList } from '../components/splitList'
import { useLanguage, useMessages } from '../i18n/messages'
import type { Scalar } from './model'
import { parseScalar, shapeOf } from './operators'
import { SeenAgo } from './SeenAgo'
import { seenText } from './seenText'

type Value = Scalar | Scalar[] | undefined
type Props = {
  operator: string
  value: Value
  type: AttributeType | undefined
  suggestions: unknown[]
  /** When suggested values were seen last in contexts. */
  seen?: Map<string, string> | undefined
  onChange: (value: Value) => void
}

/** Above this many values chips would be slow and unreadable. */
const mostChips = 100

/** The right input for what an operator compares with. */
export function ValueEditor({ operator, value, type, suggestions, seen, onChange }: Props) {
  const m = useMessages()
  switch (shapeOf(operator)) {
    case 'none':
      return null
    case 'list':
    case 'texts': {
      const list = value === undefined ? [] : Array.isArray(value) ? value : [value]
      return (
        <ListEditor
          list={list.filter((item) => item !== '')}
          type={shapeOf(operator) === 'list' ? type : 'string'}
          suggestions={suggestions}
          seen={seen}
          placeholder={operator.endsWith('ip_in') ? m.targeting.addressHint : m.targeting.valuesPlaceholder}
          onChange={(next) =>
            onChange(shapeOf(operator) === 'texts' && next.length === 1 ? next[0] : next)
          }
        />
      )
    }
    case 'number':
      return (
        <NumberInput
          aria-label={m.targeting.value}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : 0)}
        />
      )
    case 'scalar':
      return <ScalarEditor value={value} type={type} suggestions={suggestions} seen={seen} onChange={onChange} />
    case 'instant':
      return <TextEditor value={value} placeholder={m.targeting.instantHint} onChange={onChange} />
    case 'version':
      return <TextEditor value={value} placeholder={m.targeting.versionHint} onChange={onChange} />
    case 'pattern':
      return <TextEditor value={value} placeholder={m.targeting.patternHint} onChange={onChange} />
  }
}

function ScalarEditor({ value, type, suggestions, seen, onChange }: Omit<Props, 'operator'>) {
  const m = useMessages()
  if (type === 'boolean' || typeof value === 'boolean') {
    return (
      <SegmentedControl
        aria-label={m.targeting.value}
        value={String(value ?? true)}
        data={['true', 'false']}
        onChange={(text) => onChange(text === 'true')}
      />
    )
  }
  if (type === 'number') {
    return (
      <NumberInput
        aria-label={m.targeting.value}
        value={typeof value === 'number' ? value : String(value ?? '')}
        onChange={(next) => onChange(next)}
      />
    )
  }
  return (
    <ListOfOne value={String(Array.isArray(value) ? (value[0] ?? '') : (value ?? ''))} suggestions={suggestions} seen={seen} onChange={onChange} />
  )
}

function ListOfOne({ value, suggestions, seen, onChange }: { value: string; suggestions: unknown[]; seen: Map<string, string> | undefined; onChange: (value: string) => void }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [now] = useState(() => Date.now())
  const seenAt = (item: string) => seen?.get(item)
  const id = `values-${suggestions.map(String).join('|').slice(0, 40)}`
  return (
    <>
      <TextInput
        aria-label={m.targeting.value}
        placeholder={m.targeting.value}
        value={value}
        list={suggestions.length > 0 ? id : undefined}
        classNames={{ input: 'mono' }}
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {suggestions.length > 0 && (
        <datalist id={id}>
          {suggestions.map((item) => (
            <option key={String(item)} value={String(item)} label={seenAt(String(item)) && `${String(item)} · ${seenText(seenAt(String(item)) ?? '', now, language, m)}`} />
          ))}
        </datalist>
      )}
    </>
  )
}

function TextEditor({ value, placeholder, onChange }: { value: Value; placeholder: string; onChange: (value: string) => void }) {
  const m = useMessages()
  return (
    <TextInput
      aria-label={m.targeting.value}
      placeholder={placeholder}
      value={String(value ?? '')}
      classNames={{ input: 'mono' }}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

type ListProps = {
  list: Scalar[]
  type: AttributeType | undefined
  suggestions: unknown[]
  seen?: Map<string, string> | undefined
  placeholder: string
  label?: string
  onChange: (list: Scalar[]) => void
}

/** A list of values: chips with paste of whole columns, or plain text for long lists. */
export function ListEditor({ list, type, suggestions, seen, placeholder, label, onChange }: ListProps) {
  const m = useMessages()
  const [asText, setAsText] = useState(false)
  const text = asText || list.length > mostChips
  const [typed, setTyped] = useState<string | null>(null)
  const [search, setSearch] = useState('')
  // A value that was there keeps its kind: 18 does not become "18" because another one was added.
  const known = new Map(list.map((item) => [String(item), item]))
  const commit = (texts: string[]) => {
    const unique = [...new Set(texts.map((item) => item.trim()).filter((item) => item !== ''))]
    onChange(unique.map((item) => known.get(item) ?? parseScalar(item, type)))
  }

  return (
    <>
      {text ? (
        <Textarea
          aria-label={label ?? m.targeting.values}
          placeholder={m.targeting.valuesText}
          autosize
          minRows={3}
          maxRows={10}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          value={typed ?? list.join('\n')}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => {
            if (typed !== null) {
              commit(splitList(typed))
              setTyped(null)
            }
          }}
        />
      ) : (
        <TagsInput
          searchValue={search}
          onSearchChange={setSearch}
          // Values that differ in case only are different values.
          isDuplicate={(value, current) => current.includes(value)}
          // In place of the component's own way, which is slow with thousands and knows no quotes.
          onPasteCapture={(event) => {
            event.preventDefault()
            event.stopPropagation()
            const { value, selectionStart, selectionEnd } = event.currentTarget
            const pasted = event.clipboardData.getData('text/plain')
            const whole = value.slice(0, selectionStart ?? value.length) + pasted + value.slice(selectionEnd ?? value.length)
            commit([...list.map(String), ...splitList(whole)])
            setSearch('')
          }}
          aria-label={label ?? m.targeting.values}
          placeholder={list.length === 0 ? placeholder : undefined}
          value={list.map(String)}
          data={[...new Set(suggestions.map(String))]}
          renderOption={({ option }) => (
            <Group justify="space-between" wrap="nowrap" w="100%">
              <Text size="sm" className="mono" truncate>
                {option.value}
              </Text>
              <SeenAgo at={seen?.get(option.value)} />
            </Group>
          )}
          splitChars={[',', ';', '\n', '\t']}
          acceptValueOnBlur
          classNames={{ pill: 'mono', inputField: 'mono' }}
          onChange={commit}
        />
      )}
      {(text || list.length > 3) && (
        <Group gap="xs" mt={2}>
          <Text size="xs" c="dimmed">
            {m.targeting.valuesCount(list.length)}
          </Text>
          {list.length <= mostChips && (
            <Button variant="subtle" size="compact-xs" onClick={() => setAsText(!text)}>
              {text ? m.targeting.editAsChips : m.targeting.editAsText}
            </Button>
          )}
        </Group>
      )}
    </>
  )
}
