import { Alert, Paper, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { Sparkline } from '@/shared/components/Sparkline'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { type Chosen, eventsQuery, type EventsView } from './events'
import { Names } from './Names'
import { Recent } from './Recent'
import { Refused } from './Refused'
import { useEventsTexts } from './texts/useEventsTexts'
import { Waiting } from './Waiting'

const route = getRouteApi('/signedIn/p/$org/$project/events')
const views = ['events', 'refused'] as const
const kinds = ['exposure', 'metric', 'feedback', 'error', 'duplicate', 'dead']

/** What comes to an environment from its applications, live. */
export function EventsPage() {
  const m = useMessages()
  const t = useEventsTexts()
  const scope = route.useParams()
  const { view = 'events' } = route.useSearch()
  const navigate = route.useNavigate()
  const { current } = useEnvironments()
  return (
    <Stack p="md" maw={1280}>
      <div>
        <Title order={1} size="h3">
          {m.events.title}
        </Title>
        {current && <Text c="dimmed">{t.subtitle(current.name)}</Text>}
      </div>
      <SegmentedControl
        aria-label={t.view}
        value={view}
        onChange={(next) => void navigate({ search: (previous) => ({ ...previous, view: next === 'refused' ? 'refused' : undefined }), replace: true })}
        data={views.map((value) => ({ value, label: t.views[value] }))}
        style={{ alignSelf: 'flex-start' }}
      />
      {current && (view === 'refused' ? <Refused scope={scope} environment={current.key} /> : <Live key={current.key} scope={scope} environment={current.key} />)}
    </Stack>
  )
}

function Live({ scope, environment }: { scope: Scope; environment: string }) {
  const [chosen, setChosen] = useState<Chosen>()
  const { data, error, refetch } = useQuery(eventsQuery(scope, environment, chosen))
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton h={320} />
  }
  const refusing = data.refusing && <Refusing code={data.refusing} />
  if (data.lastAt === null && Object.keys(data.kinds).length === 0) {
    return (
      <>
        {refusing}
        <Paper className="surface" px="md">
          <Waiting />
        </Paper>
      </>
    )
  }
  return (
    <>
      {refusing}
      <Kinds data={data} />
      {data.names.some(({ kind }) => kind !== 'dead' && kind !== 'duplicate') && <Names names={data.names} chosen={chosen} onChoose={setChosen} />}
      <Recent data={data} chosen={chosen} onAll={() => setChosen(undefined)} />
    </>
  )
}

/** Nothing comes in, and not because nobody sends. */
function Refusing({ code }: { code: string }) {
  const t = useEventsTexts()
  return (
    <Alert color="red" variant="light" role="alert" title={t.refusingTitle}>
      {t.refusing[code] ?? code}
    </Alert>
  )
}

function Kinds({ data }: { data: EventsView }) {
  const t = useEventsTexts()
  const { language } = useLanguage()
  const count = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      {kinds
        .filter((kind) => data.kinds[kind] !== undefined || kind === 'exposure' || kind === 'metric')
        .map((kind) => {
          const row = data.kinds[kind]
          return (
            <Paper key={kind} className="surface" p="sm" component="section" aria-label={t.kinds[kind]} title={t.kindHelp[kind]}>
              <Text size="sm" c="dimmed">
                {t.kinds[kind]}
              </Text>
              <Text fz="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
                {count.format(row?.lastHour ?? 0)}{' '}
                <Text span size="xs" c="dimmed" fw={400}>
                  {t.lastHour}
                </Text>
              </Text>
              <Sparkline values={row?.series ?? []} label={t.kinds[kind]} width={120} color={kind === 'dead' ? 'var(--mantine-color-red-6)' : undefined} />
              <Text size="xs" c="dimmed" mt={4}>
                {t.lastDay(count.format(row?.lastDay ?? 0))}
              </Text>
            </Paper>
          )
        })}
    </SimpleGrid>
  )
}
