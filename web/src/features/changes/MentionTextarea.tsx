import { Combobox, Text, Textarea, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { mentionableQuery } from '@/shared/changes/changeRequests'
import type { Scope } from '@/shared/project/scope'
import { complete, typingAt, type Person, type Typing } from './mentions'

type Props = { scope: Scope; label: string; placeholder: string; listLabel: string; value: string; onChange: (text: string) => void; onMention: (person: Person) => void }

/** A box for a comment that offers people after an `@`: with the arrows and Enter, or with the mouse. */
export function MentionTextarea({ scope, label, placeholder, listLabel, value, onChange, onMention }: Props) {
  const box = useRef<HTMLTextAreaElement>(null)
  const [typing, setTyping] = useState<Typing | null>(null)
  const [search] = useDebouncedValue(typing?.search ?? '', 150)
  const { data: people = [] } = useQuery({ ...mentionableQuery(scope, search), enabled: typing !== null, placeholderData: (before) => before })
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const shown = typing === null ? [] : people.filter(({ name }) => name.toLocaleLowerCase().includes(typing.search.toLocaleLowerCase()))

  // The first one is chosen by Enter, whenever others are offered.
  const offered = shown.map(({ id }) => id).join()
  const { selectFirstOption } = combobox
  useEffect(() => {
    if (offered !== '') {
      selectFirstOption()
    }
  }, [offered, selectFirstOption])

  const look = (text: string, caret: number) => {
    const now = typingAt(text, caret)
    setTyping(now)
    if (now === null) {
      combobox.closeDropdown()
    } else {
      combobox.openDropdown()
    }
  }
  const choose = (id: string) => {
    const person = shown.find((item) => item.id === id)
    if (!person || !typing || !box.current) {
      return
    }
    const done = complete(value, box.current.selectionStart, typing, person.name)
    onMention({ id: person.id, name: person.name })
    onChange(done.text)
    setTyping(null)
    combobox.closeDropdown()
    // After React has written the text, else the caret is at its end.
    requestAnimationFrame(() => box.current?.setSelectionRange(done.caret, done.caret))
  }
  return (
    <Combobox store={combobox} onOptionSubmit={choose} width={280} position="bottom-start">
      <Combobox.Target withKeyboardNavigation={shown.length > 0}>
        <Textarea
          ref={box}
          label={label}
          placeholder={placeholder}
          autosize
          minRows={2}
          maxLength={10_000}
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value)
            look(event.currentTarget.value, event.currentTarget.selectionStart)
          }}
          onClick={(event) => look(value, event.currentTarget.selectionStart)}
          onBlur={() => {
            setTyping(null)
            combobox.closeDropdown()
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={shown.length === 0}>
        <Combobox.Options aria-label={listLabel}>
          {shown.map((person) => (
            <Combobox.Option key={person.id} value={person.id}>
              <Text size="sm" truncate>
                {person.name}
              </Text>
              {person.email !== null && (
                <Text size="xs" opacity={0.85} truncate>
                  {person.email}
                </Text>
              )}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
