import { Button, Group, Loader, Text, Title } from '@mantine/core'
import { IconArchive, IconFlag3, IconPlus, IconZoomQuestion } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { flagListQuery } from '../api/listFlags'
import { FlagFilters } from './FlagFilters'
import { FlagRows } from './FlagRows'
import { FlagRowsLoading } from './FlagRowsLoading'

const route = getRouteApi('/signedIn/p/$org/$project/flags')
const CreateFlagDrawer = lazy(() => import('../create/CreateFlagDrawer'))

export function FlagListPage() {
  const m = useMessages()
  const scope = route.useParams()
  const { env: _env, ...filter } = route.useSearch()
  const navigate = route.useNavigate()
  const [creating, setCreating] = useState(false)
  const { environments, current } = useEnvironments()
  const canManage = useCan('flag.manage', scope)
  const list = useInfiniteQuery(flagListQuery(scope, filter))

  const flags = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total
  const { sort: _sort, archived, ...narrowing } = filter
  const filtered = Object.values(narrowing).some((value) => value !== undefined)

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Group justify="space-between" mb="md" wrap="nowrap">
        <Group gap="sm" align="baseline">
          <Title order={1} size="h3">
            {m.flags.title}
          </Title>
          {total !== undefined && (
            <Text c="dimmed" size="sm" aria-live="polite">
              {m.flags.count(total)}
            </Text>
          )}
          {list.isFetching && !list.isPending && <Loader size={14} aria-label={m.common.loading} />}
        </Group>
        {canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
            {m.flags.create}
          </Button>
        )}
      </Group>
      <FlagFilters
        filter={filter}
        onChange={(next) => void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true })}
        onClear={() => void navigate({ search: ({ env }) => ({ env }), replace: true })}
        filtered={filtered || archived !== undefined}
      />
      <div className="surface" style={{ marginTop: 'var(--mantine-spacing-md)', overflow: 'clip' }}>
        {list.isPending ? (
          <FlagRowsLoading />
        ) : list.isError && list.data === undefined ? (
          <ErrorState error={list.error} title={m.flags.loadFailed} onRetry={() => void list.refetch()} />
        ) : flags.length > 0 ? (
          <FlagRows
            scope={scope}
            flags={flags}
            environments={environments}
            current={current}
            onEnd={() => {
              if (list.hasNextPage && !list.isFetching) {
                void list.fetchNextPage()
              }
            }}
          />
        ) : filtered ? (
          <EmptyState icon={IconZoomQuestion} title={m.flags.nothingFound} text={m.flags.nothingFoundText} />
        ) : archived === 'true' ? (
          <EmptyState icon={IconArchive} title={m.flags.emptyArchived} />
        ) : (
          <EmptyState icon={IconFlag3} title={m.flags.emptyTitle} text={m.flags.emptyText}>
            {canManage && (
              <Button mt="sm" onClick={() => setCreating(true)}>
                {m.flags.create}
              </Button>
            )}
          </EmptyState>
        )}
      </div>
      {creating && (
        <Suspense>
          <CreateFlagDrawer
            scope={scope}
            onClose={() => setCreating(false)}
            onCreated={(flag) => void navigate({ to: '/p/$org/$project/flags/$flag', params: { ...scope, flag } })}
          />
        </Suspense>
      )}
    </div>
  )
}
