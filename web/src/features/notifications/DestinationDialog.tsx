import { Alert, Button, Group, PasswordInput, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { ApiProblem } from '@/shared/api/problem'
import { errorText, showDone } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { Secret } from '@/shared/components/Secret'
import { languages, useMessages } from '@/shared/i18n/messages'
import { useDestinationActions, type CreateDestination, type Destination, type DestinationKind, type Place } from './api'
import { SubscriptionEditor, type SubscriptionDraft } from './SubscriptionEditor'
import { useTexts } from './texts/useTexts'

type Props = { place: Place; destination: Destination | null; onClose: () => void }

/** Where bots are spoken for unless somebody runs a server of their own. */
const publicBotApi = 'https://api.telegram.org'

const kinds: DestinationKind[] = ['webhook', 'slack', 'mattermost', 'telegram', 'email']

/** A destination: where it is, and what it is told. Secrets are entered and never shown. */
export function DestinationDialog({ place, destination, onClose }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { create, update } = useDestinationActions(place)
  const [kind, setKind] = useState<DestinationKind>(destination?.kind ?? 'webhook')
  const [draft, setDraft] = useState({
    name: destination?.name ?? '',
    url: '',
    signingSecret: '',
    overlapHours: '24',
    token: '',
    chatId: destination?.chatId ?? '',
    apiUrl: destination?.apiUrl ?? '',
    recipients: destination?.recipients ?? [],
    language: destination?.language ?? 'en',
    enabled: destination?.enabled ?? true,
  })
  const [subscriptions, setSubscriptions] = useState<SubscriptionDraft[]>(
    destination?.subscriptions.map(({ project, environment, events }) => ({ project, environment, events })) ?? [{ project: null, environment: null, events: ['approvals', 'health'] }],
  )
  const [secret, setSecret] = useState<string | null>(null)
  const set = (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part }))
  const error = create.error ?? update.error
  const at = (path: string) => (error instanceof ApiProblem ? error.errors.find((item) => item.path === path)?.message : undefined)
  const isHttp = kind === 'webhook' || kind === 'slack' || kind === 'mattermost'
  const stays = destination !== null ? t.secretStays : undefined

  const save = () => {
    const some = {
      name: draft.name.trim(),
      language: draft.language,
      enabled: draft.enabled,
      ...(isHttp && draft.url.trim() !== '' && { url: draft.url.trim() }),
      ...(kind === 'webhook' && draft.signingSecret !== '' && { signingSecret: draft.signingSecret, ...(destination !== null && { signingSecretOverlapHours: Number(draft.overlapHours) }) }),
      ...(kind === 'telegram' && { chatId: draft.chatId.trim(), ...(draft.token !== '' && { token: draft.token.trim() }), ...(draft.apiUrl.trim() !== '' && { apiUrl: draft.apiUrl.trim() }) }),
      ...(kind === 'email' && { recipients: draft.recipients }),
      subscriptions: subscriptions
        .filter(({ events }) => events.length > 0)
        .map(({ project, environment, events }) => ({ project: project ?? undefined, environment: environment ?? undefined, events })),
    }
    const done = () => {
      showDone(t.saved, m)
      onClose()
    }
    if (destination === null) {
      create.mutate({ ...some, kind } satisfies CreateDestination, {
        onSuccess: (made) => (made.signingSecret == null ? done() : setSecret(made.signingSecret)),
      })
    } else {
      update.mutate({ id: destination.id, body: some }, { onSuccess: done })
    }
  }

  if (secret !== null) {
    return (
      <Dialog opened onClose={onClose} size="lg" title={<Text fw={650}>{t.signingSecretTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
        <Secret value={secret} text={t.signingSecretShown} copyLabel={t.copySecret} doneLabel={t.copied} onDone={onClose} />
      </Dialog>
    )
  }
  return (
    <Dialog
      opened
      onClose={onClose}
      size="lg"
      title={<Text fw={650}>{destination === null ? t.add : t.edit}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack>
          <Group grow align="flex-start">
            <Select
              label={t.kind}
              data={kinds.map((value) => ({ value, label: t.kinds[value] }))}
              value={kind}
              allowDeselect={false}
              disabled={destination !== null}
              onChange={(value) => setKind((value ?? 'webhook') as DestinationKind)}
            />
            <TextInput
              label={t.name}
              placeholder={t.namePlaceholder}
              required
              maxLength={200}
              value={draft.name}
              error={at('/name')}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
          </Group>
          {isHttp && (
            <TextInput
              label={t.url}
              type="url"
              autoComplete="off"
              required={destination === null}
              description={stays ?? t.urlHints[kind]}
              placeholder={destination === null ? 'https://' : `https://${destination.target}/…`}
              value={draft.url}
              error={at('/url')}
              onChange={(event) => set({ url: event.currentTarget.value })}
            />
          )}
          {kind === 'webhook' && (
            <PasswordInput
              label={t.signingSecret}
              autoComplete="off"
              description={stays ?? t.signingSecretHint}
              value={draft.signingSecret}
              error={at('/signingSecret')}
              onChange={(event) => set({ signingSecret: event.currentTarget.value })}
            />
          )}
          {kind === 'webhook' && destination !== null && draft.signingSecret !== '' && (
            <Select
              label={t.overlap}
              description={t.overlapHint}
              data={['24', '1', '72', '168', '0'].map((value) => ({ value, label: t.overlaps[value as keyof typeof t.overlaps] }))}
              value={draft.overlapHours}
              allowDeselect={false}
              onChange={(value) => set({ overlapHours: value ?? '24' })}
            />
          )}
          {kind === 'webhook' && draft.signingSecret === '' && destination?.formerSecretUntil != null && (
            <Text size="sm" c="dimmed">
              {t.formerSecret} <RelativeTime at={destination.formerSecretUntil} />.
            </Text>
          )}
          {kind === 'telegram' && (
            <>
              <PasswordInput
                label={t.token}
                autoComplete="off"
                required={destination === null}
                description={stays ?? t.tokenHint}
                value={draft.token}
                error={at('/token')}
                onChange={(event) => set({ token: event.currentTarget.value })}
              />
              <Group grow align="flex-start">
                <TextInput label={t.chatId} description={t.chatIdHint} required value={draft.chatId} error={at('/chatId')} onChange={(event) => set({ chatId: event.currentTarget.value })} />
                <TextInput
                  label={t.apiUrl}
                  description={t.apiUrlHint}
                  placeholder={publicBotApi}
                  value={draft.apiUrl}
                  error={at('/apiUrl')}
                  onChange={(event) => set({ apiUrl: event.currentTarget.value })}
                />
              </Group>
            </>
          )}
          {kind === 'email' && (
            <TagsInput
              label={t.recipients}
              description={t.recipientsHint}
              value={draft.recipients}
              maxTags={20}
              splitChars={[',', ';', ' ']}
              acceptValueOnBlur
              error={error instanceof ApiProblem ? error.errors.find((item) => item.path.startsWith('/recipients'))?.message : undefined}
              onChange={(recipients) => set({ recipients })}
            />
          )}
          <SubscriptionEditor place={place} value={subscriptions} onChange={setSubscriptions} />
          <Group grow align="flex-end">
            <Select
              label={t.language}
              data={languages.map(({ code, name }) => ({ value: code, label: name }))}
              value={draft.language}
              allowDeselect={false}
              onChange={(language) => set({ language: language ?? 'en' })}
            />
            <Switch label={t.enabled} checked={draft.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          </Group>
          {error !== null && (
            <Alert color="red" role="alert">
              {errorText(error, m)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" loading={create.isPending || update.isPending}>
              {m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
