import { Button, Group } from '@mantine/core'
import { IconZoomQuestion } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useMessages } from '../i18n/messages'
import { EmptyState } from './EmptyState'
import { ErrorState } from './ErrorState'

type Query = {
  isPending: boolean
  isError: boolean
  error: Error | null
  data: unknown
  refetch: () => unknown
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

type Props = {
  query: Query
  /** How many rows there are so far. */
  count: number
  /** As high as the rows that are on their way. */
  loading: ReactNode
  /** Said when nothing passes the filter; absent where nothing is filtered out. */
  nothingFound?: string
  /** What the list is for, and the first step. */
  empty: ReactNode
  /** The rows. */
  children: ReactNode
}

/** A list that grows: its rows and a way to more of them, or why there are none. */
export function ListFrame({ query, count, loading, nothingFound, empty, children }: Props) {
  const m = useMessages()
  return (
    <div className="surface" style={{ overflow: 'clip' }}>
      {query.isPending ? (
        loading
      ) : query.isError && query.data === undefined ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : count > 0 ? (
        children
      ) : nothingFound !== undefined ? (
        <EmptyState icon={IconZoomQuestion} title={nothingFound} />
      ) : (
        empty
      )}
      {query.hasNextPage && (
        <Group justify="center" py="md">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {m.common.loadMore}
          </Button>
        </Group>
      )}
    </div>
  )
}
