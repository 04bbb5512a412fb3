import { Group, Skeleton } from '@mantine/core'
import { useMessages } from '@/shared/i18n/messages'

/** Rows of the height that the real ones will have, so that nothing jumps. */
export function FlagRowsLoading() {
  const m = useMessages()
  return (
    <div role="status" aria-label={m.common.loading}>
      {Array.from({ length: 8 }, (_, index) => (
        <Group key={index} h={64} px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap">
            <Skeleton width={28} height={28} />
            <div>
              <Skeleton width={120 + ((index * 37) % 90)} height={12} mb={8} />
              <Skeleton width={90 + ((index * 23) % 60)} height={9} />
            </div>
          </Group>
          <Skeleton width={160} height={18} radius="xl" />
        </Group>
      ))}
    </div>
  )
}
