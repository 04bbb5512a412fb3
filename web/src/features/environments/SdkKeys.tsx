import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconBrowser, IconKey, IconServer } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView, SdkKeyView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { relativeTime } from '@/shared/components/RelativeTime'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { sdkKeysQuery, useSdkKeyActions } from './api/sdkKeys'
import { NewKeyDialog } from './NewKeyDialog'
import classes from './SdkKeys.module.css'

type Props = { scope: Scope; environment: EnvironmentView }

/** The keys with which applications read an environment. */
export function SdkKeys({ scope, environment }: Props) {
  const m = useMessages()
  const canManage = useCan('key.manage', { ...scope, environment: environment.key })
  const confirm = useConfirm()
  const keys = useQuery({ ...sdkKeysQuery(scope, environment.key), enabled: canManage })
  const { revoke } = useSdkKeyActions(scope, environment.key)
  const [creating, setCreating] = useState(false)

  const ask = async (key: SdkKeyView) => {
    if (
      await confirm({
        title: m.environments.revokeTitle(key.name),
        text: m.environments.revokeText(environment.name),
        confirm: m.environments.revoke,
        danger: true,
      })
    ) {
      revoke.mutate(key.id, {
        onSuccess: () => showDone(m.environments.revoked(key.name), m),
        onError: (error) => showError(m.errors.title, error, m),
      })
    }
  }

  return (
    <div className={classes.keys}>
      <Group justify="space-between" mb={4}>
        <Title order={3} size="h6" c="dimmed">
          {m.environments.keys}
        </Title>
        {canManage && (
          <Button variant="light" size="compact-sm" leftSection={<IconKey size={15} aria-hidden />} onClick={() => setCreating(true)}>
            {m.environments.newKey}
          </Button>
        )}
      </Group>
      {!canManage && (
        <Text size="sm" c="dimmed">
          {m.environments.mayNotSeeKeys}
        </Text>
      )}
      {keys.isError && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.environments.noKeys}
        </Text>
      )}
      <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {keys.data?.map((key) => (
          <KeyLine key={key.id} sdkKey={key} canManage={canManage} onRevoke={() => void ask(key)} />
        ))}
      </Stack>
      {creating && <NewKeyDialog scope={scope} environment={environment} onClose={() => setCreating(false)} />}
    </div>
  )
}

function KeyLine({ sdkKey, canManage, onRevoke }: { sdkKey: SdkKeyView; canManage: boolean; onRevoke: () => void }) {
  const m = useMessages()
  const { language } = useLanguage()
  const [now] = useState(() => Date.now())
  const Icon = sdkKey.kind === 'server' ? IconServer : IconBrowser
  const expired = sdkKey.expiresAt !== null && Date.parse(sdkKey.expiresAt) < now
  const dead = sdkKey.revokedAt !== null || expired
  const when = (at: string) => relativeTime(at, now, language) ?? m.common.justNow
  return (
    <li className={classes.line} data-dead={dead || undefined}>
      <Icon size={17} aria-hidden className={classes.icon} />
      <div className={classes.name}>
        <Text size="sm" fw={550} truncate>
          {sdkKey.name}
        </Text>
        <Text size="xs" c="dimmed" className="mono">
          {sdkKey.prefix}…
        </Text>
      </div>
      <Badge variant="light" tt="none" color={sdkKey.kind === 'server' ? 'brand' : 'teal'}>
        {sdkKey.kind === 'server' ? m.environments.server : m.environments.client}
      </Badge>
      <Text size="xs" c="dimmed" className={classes.used}>
        {m.environments.issued(when(sdkKey.createdAt))}
        {sdkKey.expiresAt !== null && !dead && `, ${m.environments.expiresAt(when(sdkKey.expiresAt))}`}
      </Text>
      {dead ? (
        <Badge color="gray" variant="light" tt="none">
          {sdkKey.revokedAt !== null ? m.environments.revokedBadge : m.environments.expiredBadge}
        </Badge>
      ) : (
        canManage && (
          <Button variant="subtle" color="red" size="compact-sm" c="var(--mantine-color-error)" onClick={onRevoke}>
            {m.environments.revoke}
          </Button>
        )
      )}
    </li>
  )
}
