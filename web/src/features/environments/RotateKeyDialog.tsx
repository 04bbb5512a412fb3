import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { EnvironmentView, SdkKeyView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { errorText } from '@/shared/components/feedback'
import { Secret } from '@/shared/components/Secret'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useSdkKeyActions } from './api/sdkKeys'

type Props = { scope: Scope; environment: EnvironmentView; sdkKey: SdkKeyView; onClose: () => void }

const overlaps = [0, 1, 24, 168, 720] as const

/** Gives a key a successor: both work for a while, so that applications change over without an outage. */
export function RotateKeyDialog({ scope, environment, sdkKey, onClose }: Props) {
  const m = useMessages()
  const { rotate } = useSdkKeyActions(scope, environment.key)
  const [overlap, setOverlap] = useState('24')
  const secret = rotate.data?.secret ?? null
  return (
    <Dialog
      opened
      onClose={onClose}
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      withCloseButton={secret === null}
      title={<Text fw={650}>{secret === null ? m.environments.rotateTitle(sdkKey.name) : m.environments.secretTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {secret !== null ? (
        <Secret
          value={secret}
          text={m.environments.rotatedText}
          copyLabel={m.environments.copyKey}
          doneLabel={m.environments.secretDone}
          onDone={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            rotate.mutate({ id: sdkKey.id, overlapHours: Number(overlap) })
          }}
        >
          <Stack>
            {rotate.isError && (
              <Alert color="red" variant="light" role="alert">
                {errorText(rotate.error, m)}
              </Alert>
            )}
            <Text size="sm">{m.environments.rotateText}</Text>
            <Select
              label={m.environments.overlap}
              allowDeselect={false}
              value={overlap}
              onChange={(value) => setOverlap(value ?? '24')}
              data={overlaps.map((hours) => ({ value: String(hours), label: m.environments.overlaps[hours] }))}
              data-autofocus
            />
            {overlap === '0' && (
              <Alert color="orange" variant="light">
                {m.environments.rotateAtOnce}
              </Alert>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" color={overlap === '0' ? 'red' : undefined} loading={rotate.isPending}>
                {m.environments.rotate}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
