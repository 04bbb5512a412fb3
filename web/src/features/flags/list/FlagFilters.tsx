import { CloseButton, Group, NativeSelect, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import type { FlagListSearch } from '@/shared/flags/listSearch'
import { useMessages } from '@/shared/i18n/messages'
import { categoriesQuery, tagsQuery } from '@/shared/project/catalogue'
import { meQuery } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { states } from './filter'
import classes from './FlagFilters.module.css'

type Props = {
  scope: Scope
  filter: FlagListSearch
  environments: EnvironmentView[]
  /** The owners that the flags have: id and name. */
  owners: [string, string][]
  lifecycles: { value: string; label: string }[]
  onChange: (change: Partial<FlagListSearch>) => void
}

type Choice = { value: string; label: string } | { group: string; items: { value: string; label: string }[] }

/** Search and filters. They live in the address, so a view can be sent to somebody. */
export function FlagFilters({ scope, filter, environments, owners, lifecycles, onChange }: Props) {
  const m = useMessages()
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const { data: categories = [] } = useQuery(categoriesQuery(scope))
  const { data: me } = useQuery(meQuery)
  const input = useRef<HTMLInputElement>(null)
  const [search, setSearch] = useState(filter.search ?? '')
  const sent = useRef(filter.search ?? '')
  useEffect(() => {
    // Somebody went back, opened a view, or cleared the filters; what is being typed stays.
    if ((filter.search ?? '') !== sent.current) {
      sent.current = filter.search ?? ''
      setSearch(sent.current)
    }
  }, [filter.search])
  const type = (value: string) => {
    sent.current = value
    setSearch(value)
    onChange({ search: value || undefined })
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      // The same key on a Russian keyboard gives a dot.
      const isSlash = event.key === '/' || (event.code === 'Slash' && event.key === '.')
      if (
        isSlash &&
        !event.ctrlKey &&
        !event.metaKey &&
        !event.altKey &&
        !event.defaultPrevented &&
        localStorage.getItem('togglr-single-keys') !== 'off' &&
        !target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') &&
        document.querySelector('[role=dialog], [role=menu]') === null
      ) {
        event.preventDefault()
        input.current?.focus()
        input.current?.select()
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])

  const choice = (label: string, name: 'state' | 'kind' | 'type' | 'tag' | 'owner' | 'category' | 'lifecycle' | 'archived', all: string, options: Choice[]) => (
    <NativeSelect
      aria-label={label}
      className={classes.choice}
      value={filter[name] ?? ''}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
      data={[{ value: '', label: all }, ...options]}
      data-active={filter[name] !== undefined || undefined}
    />
  )
  const entries = (texts: Record<string, string>) => Object.entries(texts).map(([value, label]) => ({ value, label }))

  return (
    <Group gap="xs" className={classes.bar}>
      <TextInput
        ref={input}
        className={classes.search}
        type="search"
        aria-label={m.flagList.search}
        placeholder={m.flagList.searchHint}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={search === '' ? <kbd className={classes.key} aria-hidden>/</kbd> : <CloseButton size="sm" aria-label={m.flags.clearFilters} onClick={() => type('')} />}
        value={search}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && (search === '' ? event.currentTarget.blur() : type(''))}
      />
      {choice(
        m.flags.filterState,
        'state',
        m.flagList.allStates,
        environments.map(({ key, name }) => ({ group: name, items: states.map((state) => ({ value: `${key}:${state}`, label: m.flagList.stateIn[state](name) })) })),
      )}
      {choice(m.flags.filterKind, 'kind', m.flags.allKinds, entries(m.flagKinds))}
      {choice(m.flags.filterType, 'type', m.flags.allTypes, entries(m.flagTypes))}
      {choice(m.flags.filterTag, 'tag', m.flags.allTags, tags.map(({ key, name }) => ({ value: key, label: name })))}
      {choice(m.flagList.filterOwner, 'owner', m.flagList.allOwners, [
        ...(me === undefined ? [] : [{ value: me.id, label: m.flagList.mine }]),
        { value: 'none', label: m.flagList.noOwner },
        ...owners.filter(([id]) => id !== me?.id).map(([value, label]) => ({ value, label })),
      ])}
      {lifecycles.length > 0 && choice(m.flagList.filterLifecycle, 'lifecycle', m.flagList.allLifecycles, lifecycles)}
      {categories.length > 0 &&
        choice(m.flags.filterCategory, 'category', m.flags.allCategories, categories.map(({ key, name }) => ({ value: key, label: name })))}
      {choice(m.flagList.filterArchive, 'archived', m.flags.archivedFalse, [
        { value: 'true', label: m.flags.archivedTrue },
        { value: 'all', label: m.flags.archivedAll },
      ])}
    </Group>
  )
}
