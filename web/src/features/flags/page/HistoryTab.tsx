import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { AuditEntries } from '@/shared/audit/AuditEntries'
import { auditQuery } from '@/shared/audit/listAudit'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'

export default function HistoryTab({ scope, flag }: { scope: Scope; flag: string }) {
  const m = useMessages()
  const { environments } = useEnvironments()
  const audit = useInfiniteQuery(auditQuery(scope, { entity: 'flag', entityKey: flag }))
  if (audit.isError && audit.data === undefined) {
    return <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
  }
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="surface">
      {entries.length === 0 && !audit.isPending ? (
        <EmptyState icon={IconHistory} title={m.audit.empty} />
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
  )
}
