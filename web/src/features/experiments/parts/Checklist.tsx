import { Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ErrorState } from '@/shared/components/ErrorState'
import type { Scope } from '@/shared/project/scope'
import { checklistQuery, type ExperimentView } from '../api'
import { useMessages } from '../texts/messages'

const icons = { ok: IconCircleCheck, warning: IconAlertTriangle, blocking: IconCircleX }
const colors = { ok: 'var(--mantine-color-teal-text)', warning: 'var(--mantine-color-orange-text)', blocking: 'var(--mantine-color-red-text)' }

/** What there is to say before an experiment is started. */
export function Checklist({ scope, experiment, beforeRule }: { scope: Scope; experiment: ExperimentView; beforeRule?: string }) {
  const { x } = useMessages()
  const list = useQuery(checklistQuery(scope, experiment, beforeRule))
  if (list.isError) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  }
  if (list.data === undefined) {
    return <Skeleton h={120} />
  }
  return (
    <Stack gap={8}>
      <Text fw={600} size="sm">
        {list.data.canStart ? x.ready : x.notReady}
      </Text>
      <Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: 'none' }}>
        {list.data.checks.map(({ code, severity, message }) => {
          const Icon = icons[severity]
          return (
            <Group component="li" key={`${code} ${message}`} gap={8} wrap="nowrap" align="flex-start">
              <Icon size={17} color={colors[severity]} style={{ flex: 'none', marginTop: 2 }} role="img" aria-label={x.severities[severity]} />
              <Text size="sm">{message}</Text>
            </Group>
          )
        })}
      </Stack>
    </Stack>
  )
}
