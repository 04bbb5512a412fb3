import { Group, Text, Title } from '@mantine/core'
import { IconHistory, IconZoomQuestion } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { EnvironmentView } from '@/shared/api/types'
import { AuditLoading, AuditTimeline } from '@/shared/audit/AuditTimeline'
import { EntryDrawer } from '@/shared/audit/EntryDrawer'
import { auditQuery } from '@/shared/audit/listAudit'
import { startOfDay, type AuditSearch } from '@/shared/audit/search'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/audit/texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { AuditFilters } from './AuditFilters'
import { ExportMenu } from './ExportMenu'
import { VerifyButton } from './VerifyButton'

type Props = {
  org: string
  /** Set where the log of one project is shown. */
  project?: string
  environments: EnvironmentView[]
  search: AuditSearch
  onSearch: (change: Partial<AuditSearch>, replace: boolean) => void
}

export function AuditLog({ org, project, environments, search, onSearch }: Props) {
  const m = useMessages()
  const access = useAccess(org)
  const { entry, from, to, ...plain } = search
  const filter = { ...plain, from: startOfDay(from), to: startOfDay(to, 1) }
  const audit = useInfiniteQuery(auditQuery({ org, project }, filter))
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  const first = audit.data?.pages[0]
  const filtered = Object.entries(filter).some(([name, value]) => value !== undefined && !(project !== undefined && name === 'project'))
  const open = (id: string) => onSearch({ entry: id }, entry !== undefined)

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Group justify="space-between" align="flex-start" mb="md" gap="sm">
        <div>
          <Group gap="sm" align="baseline">
            <Title order={1} size="h3">
              {m.audit.title}
            </Title>
            {first && (
              <Text c="dimmed" size="sm" role="status">
                {first.total === null ? m.audit.atLeast(first.totalAtLeast) : m.audit.entries(first.total)}
              </Text>
            )}
          </Group>
          <Text c="dimmed" size="sm">
            {m.audit.subtitle}
          </Text>
        </div>
        <Group gap="xs">
          {access.can('audit.view') && <VerifyButton org={org} />}
          <ExportMenu org={org} filter={{ ...filter, project: project ?? filter.project }} />
        </Group>
      </Group>
      <AuditFilters org={org} project={project} environments={environments} search={search} onSearch={(change) => onSearch(change, true)} />
      {audit.isError && audit.data === undefined ? (
        <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
      ) : (
        <div className="surface" style={{ overflow: 'clip' }} aria-busy={audit.isFetching}>
          {audit.isPending ? (
            <AuditLoading />
          ) : entries.length === 0 ? (
            filtered ? (
              <EmptyState icon={IconZoomQuestion} title={m.audit.nothingFound} text={m.audit.nothingFoundText} />
            ) : (
              <EmptyState icon={IconHistory} title={m.audit.empty} text={m.audit.emptyText} />
            )
          ) : (
            <AuditTimeline
              entries={entries}
              environments={environments}
              projects={project === undefined}
              open={entry}
              onOpen={open}
              hasMore={audit.hasNextPage}
              loadingMore={audit.isFetchingNextPage}
              onMore={() => void audit.fetchNextPage()}
            />
          )}
        </div>
      )}
      <EntryDrawer org={org} id={entry} environments={environments} onOpen={open} onClose={() => onSearch({ entry: undefined }, true)} />
    </div>
  )
}
