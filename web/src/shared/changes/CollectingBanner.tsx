import { Alert, Button, Group, Text } from '@mantine/core'
import { IconGitPullRequestDraft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useMessages } from '../i18n/messages'
import type { Scope } from '../project/scope'
import { collect, useCollecting } from './collecting'

/** Says that changes are added to a draft instead of being made, on every page of the project. */
export function CollectingBanner({ scope }: { scope: Scope }) {
  const m = useMessages()
  const draft = useCollecting(scope.org, scope.project)
  if (draft === null) {
    return null
  }
  return (
    <Alert color="blue" icon={<IconGitPullRequestDraft aria-hidden />} m="md" mb={0} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{m.changes.collecting(draft.number)}</Text>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            renderRoot={(props) => <Link {...props} to="/p/$org/$project/changes/$number" params={{ ...scope, number: String(draft.number) } as never} />}
          >
            {m.changes.openDraft}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => collect(null)}>
            {m.changes.stopCollecting}
          </Button>
        </Group>
      </Group>
    </Alert>
  )
}
