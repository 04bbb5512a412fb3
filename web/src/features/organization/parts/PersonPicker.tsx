import { Select, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMessages } from '../texts/messages'
import { memberChoicesQuery } from '../api/members'

type Props = { org: string; label: string; exclude: string[]; onChoose: (person: { id: string; name: string }) => void; disabled?: boolean }

/** Finds a member by a part of their name or address. */
export function PersonPicker({ org, label, exclude, onChoose, disabled }: Props) {
  const m = useMessages()
  const [search, setSearch] = useState('')
  const [wanted] = useDebouncedValue(search.trim(), 200)
  const { data: people = [] } = useQuery(memberChoicesQuery(org, wanted))
  const free = people.filter(({ id, status }) => !exclude.includes(id) && status === 'active')
  return (
    <Select
      aria-label={label}
      placeholder={label}
      value={null}
      searchable
      disabled={disabled}
      searchValue={search}
      onSearchChange={setSearch}
      // The server has searched already.
      filter={({ options }) => options}
      data={free.map(({ id, name, email }) => ({ value: id, label: name || email }))}
      renderOption={({ option }) => {
        const person = free.find(({ id }) => id === option.value)
        return (
          <div style={{ minWidth: 0 }}>
            <Text size="sm" truncate>
              {option.label}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {person?.email}
            </Text>
          </div>
        )
      }}
      nothingFoundMessage={m.members.nothingFound}
      onChange={(id) => {
        const person = free.find((item) => item.id === id)
        if (person) {
          setSearch('')
          onChoose({ id: person.id, name: person.name || person.email })
        }
      }}
    />
  )
}
