import { Button, ColorInput, Group, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useEnvironmentActions } from './api/environments'
import { SamplingFields, samplingFault } from './SamplingFields'

type Props = { scope: Scope; environment: EnvironmentView | null; onClose: () => void }

const swatches = ['#e5484d', '#f76b15', '#ffb224', '#30a46c', '#12a594', '#0090ff', '#5b5bd6', '#8e4ec6', '#d6409f', '#687076']

/** Creates an environment, or changes how one is called and looks. */
export function EnvironmentDialog({ scope, environment, onClose }: Props) {
  const m = useMessages()
  const { create, change } = useEnvironmentActions(scope)
  const [identity, setIdentity] = useState({ name: environment?.name ?? '', key: environment?.key ?? '' })
  const [color, setColor] = useState(environment?.color ?? '#0090ff')
  const [critical, setCritical] = useState(environment?.critical ?? false)
  const [sampling, setSampling] = useState(environment?.sampling)
  const name = identity.name.trim()
  const ready = name !== '' && isSimpleKey(identity.key) && /^#[0-9a-fA-F]{6}$/.test(color) && (sampling === undefined || !samplingFault(sampling))
  const body = { name, color, critical }
  const onError = (error: unknown) => showError(m.errors.title, error, m)

  const submit = () => {
    if (environment === null) {
      create.mutate(
        { ...body, key: identity.key },
        {
          onSuccess: () => {
            showDone(m.environments.created(name), m)
            onClose()
          },
          onError,
        },
      )
    } else {
      change.mutate(
        { env: environment.key, body: { ...body, ...(sampling !== undefined && { sampling }) } },
        {
          onSuccess: () => {
            showDone(m.environments.saved, m)
            onClose()
          },
          onError,
        },
      )
    }
  }

  return (
    <Dialog
      opened
      size={environment === null ? 'md' : 'lg'}
      onClose={onClose}
      title={<Text fw={650}>{environment === null ? m.environments.create : m.environments.editTitle(environment.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          {environment === null ? (
            <NameAndKey value={identity} onChange={setIdentity} isKey={isSimpleKey} keyHint={m.common.keyInvalidSimple} />
          ) : (
            <TextInput
              label={m.common.name}
              value={identity.name}
              data-autofocus
              onChange={(event) => setIdentity({ ...identity, name: event.currentTarget.value })}
            />
          )}
          <ColorInput label={m.environments.color} value={color} onChange={setColor} swatches={swatches} format="hex" withEyeDropper={false} />
          <Switch
            label={m.environments.critical}
            description={m.environments.criticalHint}
            checked={critical}
            onChange={(event) => setCritical(event.currentTarget.checked)}
          />
          {environment !== null && sampling !== undefined && (
            <SamplingFields scope={scope} environment={environment} value={sampling} onChange={setSampling} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || change.isPending}>
              {environment === null ? m.common.create : m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
