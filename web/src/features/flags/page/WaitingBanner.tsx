import { Alert, Anchor, Stack, Text } from '@mantine/core'
import { IconGitPullRequest } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { flagRequestsQuery } from '@/shared/changes/changeRequests'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'

/** Says which changes of a flag wait for an approval. */
export function WaitingBanner({ scope, flag }: { scope: Scope; flag: string }) {
  const m = useMessages()
  const { data = [] } = useQuery(flagRequestsQuery(scope, flag))
  if (data.length === 0) {
    return null
  }
  return (
    <Alert color="blue" icon={<IconGitPullRequest aria-hidden />} mb="md">
      <Stack gap={4}>
        {data.map((request) => (
          <Text size="sm" key={request.id}>
            {request.state === 'draft' ? m.changes.bannerDraft(request.title) : m.changes.banner(request.title)}{' '}
            <Anchor component={Link} to="/p/$org/$project/changes/$number" params={{ ...scope, number: String(request.number) } as never} size="sm">
              #{request.number}
            </Anchor>
          </Text>
        ))}
      </Stack>
    </Alert>
  )
}
