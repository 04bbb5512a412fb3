import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconSkull } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { flagHealthQuery } from '@/shared/health/api'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useFlagActions } from '../api/changeFlag'
import { configurationQuery } from '../api/configuration'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView; environments: EnvironmentView[] }

/** Says that a flag is killed, by whom and why, and where; and brings it back. */
export function KilledBanner({ scope, flag, environment, environments }: Props) {
  const m = useMessages()
  const canToggle = useCan('flag.toggle', scope)
  const [reviving, setReviving] = useState(false)
  const [reason, setReason] = useState('')
  const { revive } = useFlagActions(scope, flag.key)
  const killedIn = environments.filter(({ key }) => flag.environments[key]?.killed)
  const here = flag.environments[environment.key]
  const detailsOf = (here?.killed ? environment : killedIn[0])?.key ?? ''
  const { data } = useQuery({ ...configurationQuery(scope, flag.key, detailsOf), enabled: detailsOf !== '' })
  // Nobody killed it: then health monitoring did, unless whoever it was is gone.
  const health = useQuery({ ...flagHealthQuery(scope, flag.key), enabled: data?.body.killedBy === null, refetchInterval: 30_000 })
  const disabled = health.data?.environments.find(({ environment: key, state }) => key === detailsOf && state === 'disabled')
  if (killedIn.length === 0) {
    return null
  }
  const close = () => {
    setReviving(false)
    setReason('')
  }
  const submit = () =>
    revive.mutate(
      { reason: reason.trim(), environments: killedIn.map(({ key }) => key) },
      {
        onSuccess: () => {
          showDone(m.kill.revived(flag.key), m)
          close()
        },
        onError: (error) => showError(m.errors.title, error, m),
      },
    )

  return (
    <Alert color="red" variant="light" mb="md" icon={<IconSkull />} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Text size="sm" fw={600} component="div">
            {disabled === undefined ? m.kill.banner(data?.body.killedBy?.name ?? m.common.somebody, '') : `${m.kill.byHealth} `}
            {data?.body.killedAt && <RelativeTime at={data.body.killedAt} />}
            {': '}
            {killedIn.map(({ name }) => name).join(', ')}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {(here?.killed ? here : flag.environments[detailsOf])?.killReason}{' '}
            {typeof disabled?.incident === 'number' && (
              <Text component={Link} to="/p/$org/$project/incidents/$number" params={{ ...scope, number: String(disabled.incident) } as never} size="sm" c="var(--mantine-color-anchor)" td="underline">
                {m.kill.incident(disabled.incident)}
              </Text>
            )}
          </Text>
        </div>
        {canToggle && (
          <Button variant="default" size="compact-md" onClick={() => setReviving(true)}>
            {m.kill.revive}
          </Button>
        )}
      </Group>
      <Dialog
        opened={reviving}
        onClose={close}
        title={<Text fw={650}>{m.kill.reviveTitle(flag.name || flag.key)}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (reason.trim() !== '') {
              submit()
            }
          }}
        >
          <Stack>
            <Text size="sm">{m.kill.reviveText}</Text>
            <Textarea
              label={m.kill.reason}
              value={reason}
              autosize
              minRows={2}
              data-autofocus
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={reason.trim() === ''} loading={revive.isPending}>
                {m.kill.revive}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </Alert>
  )
}
