import { Button, ColorInput, Group, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { Dialog } from '@/shared/components/Dialog'
import { showDone } from '@/shared/components/feedback'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { TagBadge } from '@/shared/components/TagBadge'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useLabelActions } from './api'
import { formErrorText, useVersion } from './useVersion'

export type Label = { key: string; name: string; description: string; version: number; color?: string }
type Props = { scope: Scope; what: 'tags' | 'categories'; label: Label | null; onClose: () => void }

const swatches = ['#e03131', '#f08c00', '#ffd43b', '#2f9e44', '#0ca678', '#1c7ed6', '#7048e8', '#c2255c', '#868e96']

/** Creates a tag or a category, or changes how one is called and looks. */
export function LabelDialog({ scope, what, label, onClose }: Props) {
  const m = useMessages()
  const { create, change } = useLabelActions(scope, what)
  const [identity, setIdentity] = useState({ name: label?.name ?? '', key: label?.key ?? '' })
  const [description, setDescription] = useState(label?.description ?? '')
  const [color, setColor] = useState(label?.color ?? '#1c7ed6')
  const [kind, setKind] = useState<'domain' | 'user'>('user')
  const [error, setError] = useState<unknown>(null)
  const version = useVersion(label?.version, error)
  const name = identity.name.trim()
  const taken = isProblem(error) && error.status === 409 && label === null
  const ready = name !== '' && isSimpleKey(identity.key) && (what === 'categories' || /^#[0-9a-fA-F]{6}$/.test(color))

  const submit = () => {
    const draft = { key: identity.key, name, description: description.trim(), color, kind }
    const done = {
      onSuccess: () => {
        showDone(label === null ? m.labels.created(name) : m.labels.saved(name), m)
        onClose()
      },
      onError: setError,
    }
    if (label === null) {
      create.mutate(draft, done)
    } else {
      change.mutate({ ...draft, version }, done)
    }
  }

  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{label === null ? m.labels.new[what] : m.labels.edit(label.name || label.key)}</Text>}
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
          {label === null ? (
            <NameAndKey
              value={identity}
              onChange={(next) => {
                setIdentity(next)
                setError(null)
              }}
              isKey={isSimpleKey}
              keyHint={m.common.keyInvalidSimple}
              keyError={taken ? m.labels.taken : null}
            />
          ) : (
            <TextInput
              label={m.common.name}
              value={identity.name}
              maxLength={200}
              data-autofocus
              onChange={(event) => setIdentity({ ...identity, name: event.currentTarget.value })}
            />
          )}
          {what === 'tags' && (
            <Group align="flex-end" gap="sm" wrap="nowrap">
              <ColorInput label={m.labels.color} value={color} onChange={setColor} swatches={swatches} format="hex" withEyeDropper={false} flex={1} />
              <div style={{ paddingBottom: 6, maxWidth: '45%', minWidth: 0 }}>
                <TagBadge tag={{ key: identity.key, name: name || m.labels.preview, color: /^#[0-9a-fA-F]{6}$/.test(color) ? color : '' }} />
              </div>
            </Group>
          )}
          {what === 'categories' && label === null && (
            <Radio.Group label={m.common.kind} value={kind} onChange={(value) => setKind(value as 'domain' | 'user')}>
              <Stack gap={8} mt={6}>
                {(['user', 'domain'] as const).map((item) => (
                  <Radio key={item} value={item} label={m.labels.kinds[item]} description={m.labels.kindHints[item]} />
                ))}
              </Stack>
            </Radio.Group>
          )}
          <Textarea
            label={m.common.description}
            value={description}
            autosize
            minRows={2}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {error !== null && !taken && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {formErrorText(error, m)}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || change.isPending}>
              {label === null ? m.common.create : m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
