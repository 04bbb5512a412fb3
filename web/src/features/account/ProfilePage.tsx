import { Alert, Avatar, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { findingAt } from '@/shared/api/problem'
import type { MeView } from '@/shared/api/types'
import { errorText, showDone } from '@/shared/components/feedback'
import { findingText } from '@/shared/components/findingText'
import { languages, useLanguage, useMessages, type Language } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import { Section } from './Section'
import { useUpdateMe } from './updateMe'

export function ProfilePage() {
  const { data: me } = useQuery(meQuery)
  return me === undefined ? null : <Profile key={me.id} me={me} />
}

function Profile({ me }: { me: MeView }) {
  const m = useMessages()
  const { setLanguage, followBrowser } = useLanguage()
  const update = useUpdateMe()
  const [name, setName] = useState(me.name)
  const [locale, setLocale] = useState(me.locale ?? '')
  const [zone, setZone] = useState(me.timeZone ?? '')
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = useMemo(() => timeZones(zone), [zone])
  const changed = name.trim() !== me.name || locale !== (me.locale ?? '') || zone !== (me.timeZone ?? '')
  const nameFinding = findingAt(update.error, '/name')

  const save = () =>
    update.mutate(
      { name: name.trim(), locale: locale === '' ? null : locale, timeZone: zone === '' ? null : zone },
      {
        onSuccess: (saved) => {
          setName(saved.name)
          if (locale === '') {
            followBrowser()
          } else {
            setLanguage(locale as Language)
          }
          showDone(m.account.saved, m)
        },
      },
    )

  return (
    <Section title={m.account.profile} text={m.account.profileText}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack maw={460}>
          <Group wrap="nowrap">
            <Avatar size={54} radius="xl" name={name || me.email} color="brand" aria-hidden />
            <div style={{ minWidth: 0 }}>
              <Text fw={600} truncate>
                {me.name}
              </Text>
              <Text c="dimmed" size="sm" truncate>
                {me.email}
              </Text>
            </div>
          </Group>
          {update.isError && nameFinding === undefined && (
            <Alert color="red" variant="light" role="alert">
              {update.error.message === '' ? m.errors.title : errorText(update.error, m)}
            </Alert>
          )}
          <TextInput
            label={m.account.name}
            description={m.account.nameHint}
            autoComplete="name"
            maxLength={200}
            value={name}
            error={nameFinding && findingText(nameFinding, m)}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={m.app.language}
            allowDeselect={false}
            value={locale}
            onChange={(value) => setLocale(value ?? '')}
            data={[{ value: '', label: m.account.followBrowser }, ...languages.map(({ code, name: label }) => ({ value: code, label }))]}
          />
          <Select
            label={m.account.timeZone}
            description={m.account.timeZoneHint}
            searchable
            allowDeselect={false}
            nothingFoundMessage={m.account.noTimeZone}
            limit={100}
            value={zone}
            onChange={(value) => setZone(value ?? '')}
            data={[{ value: '', label: m.account.browserZone(here) }, ...zones]}
          />
          <Group>
            <Button type="submit" disabled={!changed || name.trim() === ''} loading={update.isPending}>
              {m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

/** The time zones that the browser knows; the chosen one is among them even where it does not. */
function timeZones(chosen: string): string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return chosen === '' || known.includes(chosen) ? known : [chosen, ...known]
}
