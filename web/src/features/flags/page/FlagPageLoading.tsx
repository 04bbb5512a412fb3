import { Group, Skeleton } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'

export function FlagPageLoading() {
  const m = useMessages()
  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }} role="status" aria-label={m.common.loading}>
      <Skeleton width={260} height={26} mb={10} />
      <Skeleton width={180} height={14} mb="lg" />
      <Group grow mb="lg">
        <Skeleton height={78} />
        <Skeleton height={78} />
        <Skeleton height={78} visibleFrom="sm" />
      </Group>
      <Skeleton height={140} mb="sm" />
      <Skeleton height={140} />
    </div>
  )
}
