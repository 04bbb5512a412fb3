import { Alert, Button, Group, Paper, Radio, Select, Skeleton, Stack, Switch, Text, Title } from '@mantine/core'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { ErrorState } from '@/shared/components/ErrorState'
import { errorText, showDone } from '@/shared/components/feedback'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useTimeZone } from '@/shared/project/timeZone'
import { useTexts } from './texts/useTexts'

type Preference = components['schemas']['NotificationPreferenceView']

const preferenceQuery = queryOptions({ queryKey: ['myNotifications'], queryFn: () => unwrap(client.GET('/api/v1/me/notifications')) })
const kinds: Preference['mail'][] = ['off', 'immediately', 'daily', 'weekly']

/** How the person is told what concerns them. */
export function PreferencesPage() {
  const query = useQuery(preferenceQuery)
  if (query.isError) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  }
  return query.data === undefined ? <Skeleton height={240} /> : <Preferences key={JSON.stringify(query.data)} current={query.data} />
}

function Preferences({ current }: { current: Preference }) {
  const m = useMessages()
  const t = useTexts()
  const { language } = useLanguage()
  const timeZone = useTimeZone()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState({ mail: current.mail, hour: current.hour, weekday: current.weekday, mutedGroups: current.mutedGroups })
  const set = (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part }))
  const save = useMutation({
    mutationFn: () => unwrap(client.PUT('/api/v1/me/notifications', { body: draft })),
    onSuccess: (saved) => {
      queryClient.setQueryData(preferenceQuery.queryKey, saved)
      showDone(t.saved, m)
    },
  })
  const changed = JSON.stringify(draft) !== JSON.stringify({ mail: current.mail, hour: current.hour, weekday: current.weekday, mutedGroups: current.mutedGroups })
  const days = Array.from({ length: 7 }, (_, i) => new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + i)))
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Paper className="surface" p={{ base: 'md', sm: 'lg' }} component="section" mb="md" aria-label={t.mailTitle}>
        <Title order={2} size="h4">
          {t.mailTitle}
        </Title>
        <Stack mt="xs">
          <Radio.Group label={t.mailText} value={draft.mail} onChange={(mail) => set({ mail: mail as Preference['mail'] })}>
            <Stack gap="xs" mt="xs">
              {kinds.map((kind) => (
                <Radio key={kind} value={kind} label={t.mail[kind]} disabled={!current.mailIsOn && kind !== 'off'} />
              ))}
            </Stack>
          </Radio.Group>
          {!current.mailIsOn && (
            <Text size="sm" c="dimmed">
              {t.mailOff}
            </Text>
          )}
          {(draft.mail === 'daily' || draft.mail === 'weekly') && (
            <>
              <Group align="flex-end">
                {draft.mail === 'weekly' && (
                  <Select
                    label={t.weekday}
                    allowDeselect={false}
                    data={days.map((label, i) => ({ value: String(i + 1), label }))}
                    value={String(draft.weekday)}
                    onChange={(weekday) => set({ weekday: Number(weekday) })}
                  />
                )}
                <Select
                  label={t.hour}
                  allowDeselect={false}
                  w={110}
                  data={Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${String(hour).padStart(2, '0')}:00` }))}
                  value={String(draft.hour)}
                  onChange={(hour) => set({ hour: Number(hour) })}
                />
              </Group>
              <Text size="sm" c="dimmed">
                {t.zone}
                {!changed && current.nextDigestAt !== null && ` ${t.next(new Date(current.nextDigestAt).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }))}`}
              </Text>
            </>
          )}
        </Stack>
      </Paper>
      <Paper className="surface" p={{ base: 'md', sm: 'lg' }} component="section" mb="md" aria-label={t.mutedTitle}>
        <Title order={2} size="h4">
          {t.mutedTitle}
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          {t.mutedText}
        </Text>
        <Stack gap="xs">
          {Object.entries(t.groups).map(([key, label]) => (
            <Switch
              key={key}
              label={label}
              checked={!draft.mutedGroups.includes(key)}
              onChange={(event) => set({ mutedGroups: event.currentTarget.checked ? draft.mutedGroups.filter((group) => group !== key) : [...draft.mutedGroups, key] })}
            />
          ))}
        </Stack>
      </Paper>
      {save.isError && (
        <Alert color="red" role="alert" mb="md">
          {errorText(save.error, m)}
        </Alert>
      )}
      <Button type="submit" disabled={!changed} loading={save.isPending}>
        {m.common.save}
      </Button>
    </form>
  )
}
