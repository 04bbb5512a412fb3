import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { AuditLoading, AuditTimeline } from '@/shared/audit/AuditTimeline'
import { EntryDrawer } from '@/shared/audit/EntryDrawer'
import { auditQuery } from '@/shared/audit/listAudit'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/audit/texts/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'

export default function HistoryTab({ scope, flag }: { scope: Scope; flag: string }) {
  const m = useMessages()
  const { environments } = useEnvironments()
  const [open, setOpen] = useState<string | undefined>()
  const audit = useInfiniteQuery(auditQuery(scope, { entity: 'flag', entityKey: flag }))
  if (audit.isError && audit.data === undefined) {
    return <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />
  }
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="surface" style={{ overflow: 'clip' }}>
      {audit.isPending ? (
        <AuditLoading />
      ) : entries.length === 0 ? (
        <EmptyState icon={IconHistory} title={m.audit.empty} />
      ) : (
        <AuditTimeline
          entries={entries}
          environments={environments}
          open={open}
          onOpen={setOpen}
          hasMore={audit.hasNextPage}
          loadingMore={audit.isFetchingNextPage}
          onMore={() => void audit.fetchNextPage()}
        />
      )}
      <EntryDrawer org={scope.org} id={open} environments={environments} onOpen={setOpen} onClose={() => setOpen(undefined)} />
    </div>
  )
}
