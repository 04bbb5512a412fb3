import { Anchor, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ErrorState } from '@/shared/components/ErrorState'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { attributeReferencesQuery } from './api'

/** The flags and segments whose conditions read an attribute. */
export function AttributeUses({ scope, name }: { scope: Scope; name: string }) {
  const m = useMessages()
  const uses = useQuery(attributeReferencesQuery(scope, name))
  if (uses.isError) {
    return <ErrorState error={uses.error} onRetry={() => void uses.refetch()} />
  }
  if (uses.data === undefined) {
    return <Skeleton h={40} role="status" aria-label={m.common.loading} />
  }
  const { flags, segments } = uses.data
  if (flags.length === 0 && segments.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {m.attributes.unused}
      </Text>
    )
  }
  return (
    <Stack gap={6} mah={240} style={{ overflowY: 'auto' }}>
      {flags.map(({ key, environments }) => (
        <Group key={key} gap="xs">
          <Anchor
            size="sm"
            className="mono"
            renderRoot={(props) => <Link to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: key }} search={(previous) => ({ env: environments[0] ?? previous.env })} {...props} />}
          >
            {key}
          </Anchor>
          <Text size="sm" c="dimmed">
            {m.segments.inEnvironments(environments.join(', '))}
          </Text>
        </Group>
      ))}
      {segments.map((key) => (
        <Group key={key} gap="xs">
          <Anchor size="sm" className="mono" renderRoot={(props) => <Link to="/p/$org/$project/segments/$segment" params={{ ...scope, segment: key }} {...props} />}>
            {key}
          </Anchor>
          <Text size="sm" c="dimmed">
            {m.targeting.segment}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}
