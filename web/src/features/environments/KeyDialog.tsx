import { Alert, Button, Group, NumberInput, SegmentedControl, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import type { EnvironmentView, SdkKeyKind, SdkKeyView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { errorText, showDone } from '@/shared/components/feedback'
import { Secret } from '@/shared/components/Secret'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useSdkKeyActions, type KeyTerms } from './api/sdkKeys'

type Props = { scope: Scope; environment: EnvironmentView; sdkKey: SdkKeyView | null; onClose: () => void }

const origin = /^(\*|https?:\/\/[^/?#\s,*]+)$/i

/** The date of an instant here, as the field for dates wants it. */
const dateOf = (at: string | null) => {
  if (at === null) {
    return ''
  }
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** Makes a key and shows it this once, or changes the terms of one. */
export function KeyDialog({ scope, environment, sdkKey, onClose }: Props) {
  const m = useMessages()
  const { create, change } = useSdkKeyActions(scope, environment.key)
  const [name, setName] = useState(sdkKey?.name ?? '')
  const [kind, setKind] = useState<SdkKeyKind>(sdkKey?.kind ?? 'server')
  const [expires, setExpires] = useState(dateOf(sdkKey?.expiresAt ?? null))
  const [limit, setLimit] = useState<string | number>(sdkKey?.rateLimit?.perSecond ?? '')
  const [origins, setOrigins] = useState<string[]>(sdkKey?.origins ?? [])
  const secret = create.data?.secret ?? null
  const error = create.error ?? change.error
  const wrongOrigin = kind === 'client' ? origins.find((item) => !origin.test(item)) : undefined
  const ready = name.trim() !== '' && wrongOrigin === undefined

  const submit = () => {
    const unchangedEnd = sdkKey !== null && dateOf(sdkKey.expiresAt) === expires
    const terms: KeyTerms = {
      name: name.trim(),
      expiresAt: unchangedEnd ? sdkKey.expiresAt : expires === '' ? null : new Date(`${expires}T00:00:00`).toISOString(),
      rateLimit: limit === '' ? null : { perSecond: Number(limit) },
      origins: kind === 'client' && origins.length > 0 ? origins : null,
    }
    if (sdkKey === null) {
      create.mutate({ ...terms, kind })
    } else {
      change.mutate(
        { id: sdkKey.id, terms },
        {
          onSuccess: () => {
            showDone(m.environments.saved, m)
            onClose()
          },
        },
      )
    }
  }

  return (
    <Dialog
      opened
      onClose={onClose}
      // A click beside the dialogue must not lose the only sight of the secret.
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      withCloseButton={secret === null}
      title={
        <Text fw={650}>
          {secret !== null ? m.environments.secretTitle : sdkKey === null ? m.environments.newKey : m.environments.editTitle(sdkKey.name)}
        </Text>
      }
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {secret !== null ? (
        <Secret
          value={secret}
          text={m.environments.secretText}
          copyLabel={m.environments.copyKey}
          doneLabel={m.environments.secretDone}
          onDone={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) {
              submit()
            }
          }}
        >
          <Stack>
            <EnvironmentMark environment={environment} />
            {error !== null && (
              <Alert color="red" variant="light" role="alert">
                {error instanceof ApiProblem && error.errors.length > 0 ? error.errors.map(({ message }) => message).join(' ') : errorText(error, m)}
              </Alert>
            )}
            <TextInput
              label={m.environments.keyName}
              placeholder={m.environments.keyNamePlaceholder}
              value={name}
              maxLength={100}
              data-autofocus
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {sdkKey === null && (
              <div>
                <SegmentedControl
                  fullWidth
                  aria-label={m.common.kind}
                  value={kind}
                  onChange={(value) => setKind(value as SdkKeyKind)}
                  data={[
                    { value: 'server', label: m.environments.server },
                    { value: 'client', label: m.environments.client },
                  ]}
                />
                <Text size="xs" c="dimmed" mt={4}>
                  {kind === 'server' ? m.environments.serverHint : m.environments.clientHint}
                </Text>
              </div>
            )}
            {kind === 'client' && (
              <TagsInput
                label={m.environments.origins}
                description={m.environments.originsHint}
                placeholder={origins.length === 0 ? 'https://shop.example.com' : ''}
                value={origins}
                onChange={setOrigins}
                maxTags={50}
                splitChars={[',', ' ']}
                acceptValueOnBlur
                error={wrongOrigin !== undefined && m.environments.wrongOrigin(wrongOrigin)}
                clearButtonProps={{ 'aria-label': m.common.clear }}
              />
            )}
            <Group grow align="flex-start">
              <TextInput
                type="date"
                label={m.environments.expires}
                description={m.environments.expiresHint}
                value={expires}
                onChange={(event) => setExpires(event.currentTarget.value)}
              />
              <NumberInput
                label={m.environments.rateLimit}
                description={m.environments.rateLimitHint}
                min={0}
                max={1_000_000}
                allowDecimal={false}
                allowNegative={false}
                hideControls
                value={limit}
                onChange={setLimit}
              />
            </Group>
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={!ready} loading={create.isPending || change.isPending}>
                {sdkKey === null ? m.common.create : m.common.save}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}
