import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView, SdkKeyView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { sdkKeysQuery, useSdkKeyActions } from './api/sdkKeys'
import { KeyDialog } from './KeyDialog'
import { KeyLine } from './KeyLine'
import { isDead, stateOf } from './keyState'
import { RotateKeyDialog } from './RotateKeyDialog'
import classes from './SdkKeys.module.css'

type Props = { scope: Scope; environment: EnvironmentView }
type Open = { what: 'new' } | { what: 'edit' | 'rotate'; key: SdkKeyView }

/** The keys with which applications read an environment. */
export function SdkKeys({ scope, environment }: Props) {
  const m = useMessages()
  const canManage = useCan('key.manage', { ...scope, environment: environment.key })
  const confirm = useConfirm()
  const keys = useQuery({ ...sdkKeysQuery(scope, environment.key), enabled: canManage })
  const { revoke } = useSdkKeyActions(scope, environment.key)
  const [open, setOpen] = useState<Open | null>(null)
  const [ended, setEnded] = useState(false)
  const [now] = useState(() => Date.now())
  const all = keys.data ?? []
  const live = all.filter((key) => !isDead(stateOf(key, now)))
  const dead = all.filter((key) => isDead(stateOf(key, now)))
  const names = new Map(all.map((key) => [key.id, key.prefix]))

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
  const line = (key: SdkKeyView) => (
    <KeyLine
      key={key.id}
      sdkKey={key}
      now={now}
      successor={key.replacedBy === null ? undefined : names.get(key.replacedBy)}
      onEdit={() => setOpen({ what: 'edit', key })}
      onRotate={() => setOpen({ what: 'rotate', key })}
      onRevoke={() => void ask(key)}
    />
  )

  return (
    <div className={classes.keys}>
      <Group justify="space-between" mb={4}>
        <Title order={3} size="h6" c="dimmed">
          {m.environments.keys}
        </Title>
        {canManage && (
          <Button variant="light" size="compact-sm" leftSection={<IconKey size={15} aria-hidden />} onClick={() => setOpen({ what: 'new' })}>
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
      {keys.isSuccess && live.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.environments.noKeys}
        </Text>
      )}
      <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={m.environments.keys}>
        {live.map(line)}
        {ended && dead.map(line)}
      </Stack>
      {dead.length > 0 && (
        <Anchor component="button" type="button" size="xs" mt={6} aria-expanded={ended} onClick={() => setEnded(!ended)}>
          {ended ? m.environments.hideEnded : m.environments.showEnded(dead.length)}
        </Anchor>
      )}
      {(open?.what === 'new' || open?.what === 'edit') && (
        <KeyDialog
          scope={scope}
          environment={environment}
          sdkKey={open.what === 'edit' ? open.key : null}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.what === 'rotate' && (
        <RotateKeyDialog scope={scope} environment={environment} sdkKey={open.key} onClose={() => setOpen(null)} />
      )}
    </div>
  )
}
