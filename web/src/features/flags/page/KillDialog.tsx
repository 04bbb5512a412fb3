import { Button, Group, Radio, Stack, Text, Textarea } from '@mantine/core'
import { IconSkull } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { useFlagActions } from '../api/changeFlag'

const ReachLine = lazy(() => import('../reach/ReachLine'))

type Props = { scope: Scope; flag: { key: string; name: string }; current: EnvironmentView | undefined; onClose: () => void }

/** Switches a flag off at once. Asks where and why, and nothing else: it is used in a hurry. */
export function KillDialog({ scope, flag, current, onClose }: Props) {
  const m = useMessages()
  const { environments } = useEnvironments()
  const { kill } = useFlagActions(scope, flag.key)
  const [where, setWhere] = useState('all')
  const [reason, setReason] = useState('')
  const submit = () =>
    kill.mutate(
      { reason: reason.trim(), environments: where === 'all' || current === undefined ? undefined : [current.key] },
      {
        onSuccess: () => {
          const at = Date.now()
          showDone(
            m.kill.done(flag.key),
            m,
            undefined,
            <Suspense>
              {(where === 'all' || current === undefined ? environments : [current]).slice(0, 4).map(({ key, name }) => (
                <ReachLine key={key} scope={scope} flag={flag.key} environment={key} change={at} label={name} />
              ))}
            </Suspense>,
          )
          onClose()
        },
        onError: (error) => showError(m.errors.title, error, m),
      },
    )
  return (
    <Dialog
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': m.common.close }}
      title={
        <Text fw={700} c="var(--mantine-color-error)" style={{ overflowWrap: 'anywhere' }}>
          {m.kill.title(flag.name || flag.key)}
        </Text>
      }
      styles={{ content: { borderTop: '4px solid var(--mantine-color-red-6)' } }}
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
          <Text size="sm">{m.kill.text}</Text>
          <Radio.Group label={m.kill.where} value={where} onChange={setWhere}>
            <Stack gap={6} mt={4}>
              <Radio value="all" label={m.kill.everywhere} color="red" />
              {current && <Radio value="one" label={m.kill.onlyHere(current.name)} color="red" />}
            </Stack>
          </Radio.Group>
          <Textarea
            label={m.kill.reason}
            description={m.kill.reasonHint}
            autosize
            minRows={2}
            value={reason}
            data-autofocus
            required
            withAsterisk={false}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button
              type="submit"
              color="red.8"
              leftSection={<IconSkull size={17} aria-hidden />}
              disabled={reason.trim() === ''}
              loading={kill.isPending}
            >
              {m.kill.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
