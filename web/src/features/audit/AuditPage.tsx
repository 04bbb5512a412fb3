import { Group, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { AuditEntries } from '@/shared/audit/AuditEntries'
import { auditQuery } from '@/shared/audit/listAudit'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments } from '@/shared/project/scope'

const route = getRouteApi('/signedIn/p/$org/$project/audit')

/** The first instant of a day in the person's time zone, as the API takes it. */
const startOf = (day: string | undefined, offset = 0) => {
  if (day === undefined) {
    return undefined
  }
  const date = new Date(`${day}T00:00:00`)
  date.setDate(date.getDate() + offset)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

export function AuditPage() {
  const m = useMessages()
  const scope = route.useParams()
  const { entity, entityKey, environment, from, to } = route.useSearch()
  const navigate = route.useNavigate()
  const { environments } = useEnvironments()
  const [key, setKey] = useState(entityKey ?? '')
  const filter = { entity, entityKey, environment, from: startOf(from), to: startOf(to, 1) }
  const audit = useInfiniteQuery(auditQuery(scope, filter))
  const set = (change: Record<string, string | undefined>) =>
    void navigate({ search: (previous) => ({ ...previous, ...change }), replace: true })
  const commitKey = useDebouncedCallback((value: string) => set({ entityKey: value || undefined }), 300)
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = Object.values(filter).some((value) => value !== undefined)

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Title order={1} size="h3">
        {m.audit.title}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {m.audit.subtitle}
      </Text>
      <Group gap="xs" mb="md" align="flex-end">
        <NativeSelect
          label={m.audit.entity}
          value={entity ?? ''}
          onChange={(event) => set({ entity: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: m.audit.allEntities },
            ...Object.entries(m.auditEntities).map(([value, label]) => ({ value, label })),
          ]}
        />
        <TextInput
          label={m.audit.entityKey}
          value={key}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => {
            setKey(event.currentTarget.value)
            commitKey(event.currentTarget.value.trim())
          }}
        />
        <NativeSelect
          label={m.audit.environment}
          value={environment ?? ''}
          onChange={(event) => set({ environment: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: m.audit.allEnvironments },
            ...environments.map(({ key: value, name }) => ({ value, label: name })),
          ]}
        />
        <TextInput
          type="date"
          label={m.audit.from}
          value={from ?? ''}
          onChange={(event) => set({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label={m.audit.to}
          value={to ?? ''}
          onChange={(event) => set({ to: event.currentTarget.value || undefined })}
        />
      </Group>
      {audit.isError && audit.data === undefined ? (
        <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
      ) : (
        <div className="surface" style={{ overflow: 'clip' }}>
          {entries.length === 0 && !audit.isPending ? (
            <EmptyState icon={IconHistory} title={filtered ? m.audit.nothingFound : m.audit.empty} />
          ) : (
            <AuditEntries
              entries={entries}
              environments={environments}
              hasMore={audit.hasNextPage}
              loadingMore={audit.isFetchingNextPage}
              onMore={() => void audit.fetchNextPage()}
            />
          )}
        </div>
      )}
    </div>
  )
}
