import { Box, Button, Group, NativeSelect, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconSearch, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { auditFiltersQuery } from '@/shared/audit/listAudit'
import type { AuditSearch } from '@/shared/audit/search'
import { actionPhrase } from '@/shared/audit/sentence'
import { useStays } from '@/shared/components/useStays'
import { useMessages } from '@/shared/audit/texts/messages'
import classes from './AuditFilters.module.css'

type Props = {
  org: string
  project?: string
  environments: EnvironmentView[]
  search: AuditSearch
  onSearch: (change: Partial<AuditSearch>) => void
}

const names = ['project', 'environment', 'entity', 'entityKey', 'actor', 'action', 'from', 'to', 'search'] as const

/** What to see of the log. Everything stands in the address, so that it can be passed on. */
export function AuditFilters({ org, project, environments, search, onSearch }: Props) {
  const m = useMessages()
  const [opened, { toggle }] = useDisclosure(false)
  const { data: values } = useQuery(auditFiltersQuery(org))
  const set = names.filter((name) => search[name] !== undefined)
  const environmentKeys = project === undefined ? (values?.environments ?? []) : environments.map(({ key }) => key)
  const kept = (list: string[], value: string | undefined) => (value === undefined || list.includes(value) ? list : [...list, value])
  const actors = (values?.actors ?? []).map(({ id, name }) => ({ value: id ?? name, label: name || m.audit.system }))
  if (search.actor !== undefined && !actors.some(({ value }) => value === search.actor)) {
    actors.push({ value: search.actor, label: search.actor })
  }
  const unique = actors.filter(({ value }, index) => actors.findIndex((item) => item.value === value) === index)

  return (
    <Box mb="md">
      <Group gap="xs" align="flex-end">
        <DebouncedText
          label={m.common.search}
          placeholder={m.audit.searchPlaceholder}
          value={search.search}
          icon
          onChange={(value) => onSearch({ search: value })}
        />
        <Button
          hiddenFrom="sm"
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={toggle}
        >
          {m.audit.filters}
        </Button>
        {set.length > 0 && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconX size={15} aria-hidden />}
            onClick={() => onSearch(Object.fromEntries(names.map((name) => [name, undefined])))}
          >
            {m.audit.clear}
          </Button>
        )}
      </Group>
      <div className={classes.filters} data-opened={opened || undefined}>
        {project === undefined && (
          <NativeSelect
            label={m.app.project}
            value={search.project ?? ''}
            onChange={(event) => onSearch({ project: event.currentTarget.value || undefined, environment: undefined })}
            data={[{ value: '', label: m.audit.allProjects }, ...kept(values?.projects ?? [], search.project)]}
          />
        )}
        <NativeSelect
          label={m.audit.environment}
          value={search.environment ?? ''}
          onChange={(event) => onSearch({ environment: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: m.audit.allEnvironments },
            ...kept(environmentKeys, search.environment).map((key) => ({
              value: key,
              label: environments.find((item) => item.key === key)?.name ?? key,
            })),
          ]}
        />
        <NativeSelect
          label={m.audit.entity}
          value={search.entity ?? ''}
          onChange={(event) => onSearch({ entity: event.currentTarget.value || undefined, action: undefined })}
          data={[
            { value: '', label: m.audit.allEntities },
            ...kept(values?.entities ?? [], search.entity).map((entity) => ({
              value: entity,
              label: (m.auditEntities as Record<string, string>)[entity] ?? entity,
            })),
          ]}
        />
        <NativeSelect
          label={m.audit.action}
          value={search.action ?? ''}
          onChange={(event) => onSearch({ action: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: m.audit.allActions },
            ...kept(values?.actions ?? [], search.action)
              .filter((action) => search.entity === undefined || action.startsWith(`${search.entity}.`))
              .map((action) => ({ value: action, label: actionPhrase(action, m).replace('{what}', '…') })),
          ]}
        />
        <Select
          label={m.audit.actor}
          placeholder={m.audit.anybody}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': m.common.clear }}
          value={search.actor ?? null}
          onChange={(value) => onSearch({ actor: value ?? undefined })}
          data={unique}
        />
        <DebouncedText
          label={m.audit.entityKey}
          value={search.entityKey}
          onChange={(value) => onSearch({ entityKey: value })}
        />
        <TextInput
          type="date"
          label={m.audit.from}
          value={search.from ?? ''}
          max={search.to}
          onChange={(event) => onSearch({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label={m.audit.to}
          value={search.to ?? ''}
          min={search.from}
          onChange={(event) => onSearch({ to: event.currentTarget.value || undefined })}
        />
      </div>
    </Box>
  )
}

type TextProps = { label: string; placeholder?: string; value: string | undefined; icon?: boolean; onChange: (value: string | undefined) => void }

/** A text that is searched for once the person pauses. */
function DebouncedText({ label, placeholder, value, icon, onChange }: TextProps) {
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  const stays = useStays()
  const commit = useDebouncedCallback((next: string) => stays() && onChange(next || undefined), 300)
  return (
    <TextInput
      type={icon ? 'search' : 'text'}
      label={label}
      placeholder={placeholder}
      style={icon ? { flex: '1 1 220px', maxWidth: 420 } : undefined}
      leftSection={icon ? <IconSearch size={16} aria-hidden /> : undefined}
      classNames={icon ? undefined : { input: 'mono' }}
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        commit(event.currentTarget.value.trim())
      }}
    />
  )
}
