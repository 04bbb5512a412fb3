import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { categoriesQuery, tagsQuery } from '@/shared/project/catalogue'
import { useScope } from '@/shared/project/scope'
import type { FlagFilter } from '../api/listFlags'
import classes from './FlagFilters.module.css'

type Props = {
  filter: FlagFilter
  onChange: (change: Partial<FlagFilter>) => void
  onClear: () => void
  filtered: boolean
}

/** Search, filters and order. They live in the address, so a view can be sent to somebody. */
export function FlagFilters({ filter, onChange, onClear, filtered }: Props) {
  const m = useMessages()
  const scope = useScope()
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const { data: categories = [] } = useQuery(categoriesQuery(scope))
  const [search, setSearch] = useState(filter.search ?? '')
  const commit = useDebouncedCallback((value: string) => onChange({ search: value || undefined }), 200)
  useEffect(() => setSearch(filter.search ?? ''), [filter.search])

  const choice = (
    label: string,
    name: 'type' | 'kind' | 'tag' | 'category',
    all: string,
    options: { value: string; label: string }[],
  ) => (
    <NativeSelect
      aria-label={label}
      className={classes.choice}
      value={filter[name] ?? ''}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
      data={[{ value: '', label: all }, ...options]}
      data-active={filter[name] !== undefined || undefined}
    />
  )
  const entries = (texts: Record<string, string>) =>
    Object.entries(texts).map(([value, label]) => ({ value, label }))

  return (
    <Group gap="xs" className={classes.bar}>
      <TextInput
        className={classes.search}
        type="search"
        aria-label={m.flags.searchPlaceholder}
        placeholder={m.flags.searchPlaceholder}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
          commit(event.currentTarget.value)
        }}
      />
      {choice(m.flags.filterType, 'type', m.flags.allTypes, entries(m.flagTypes))}
      {choice(m.flags.filterKind, 'kind', m.flags.allKinds, entries(m.flagKinds))}
      {choice(m.flags.filterTag, 'tag', m.flags.allTags, tags.map(({ key, name }) => ({ value: key, label: name })))}
      {categories.length > 0 &&
        choice(
          m.flags.filterCategory,
          'category',
          m.flags.allCategories,
          categories.map(({ key, name }) => ({ value: key, label: name })),
        )}
      <NativeSelect
        aria-label={m.flags.filterState}
        className={classes.choice}
        value={filter.archived ?? ''}
        onChange={(event) => onChange({ archived: (event.currentTarget.value || undefined) as FlagFilter['archived'] })}
        data={[
          { value: '', label: m.flags.archivedFalse },
          { value: 'true', label: m.flags.archivedTrue },
          { value: 'all', label: m.flags.archivedAll },
        ]}
      />
      <NativeSelect
        aria-label={m.flags.sort}
        className={classes.choice}
        value={filter.sort ?? '-updatedAt'}
        onChange={(event) => {
          const sort = event.currentTarget.value
          onChange({ sort: sort === '-updatedAt' ? undefined : sort })
        }}
        data={[
          { value: '-updatedAt', label: m.flags.sortUpdated },
          { value: '-createdAt', label: m.flags.sortCreated },
          { value: 'key', label: m.flags.sortKey },
          { value: 'name', label: m.flags.sortName },
        ]}
      />
      {filtered && (
        <Button variant="subtle" color="gray" leftSection={<IconX size={15} aria-hidden />} onClick={onClear}>
          {m.flags.clearFilters}
        </Button>
      )}
    </Group>
  )
}
