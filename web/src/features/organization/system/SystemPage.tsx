import { Alert, Badge, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { Sparkline } from '@/shared/components/Sparkline'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'
import { useSystemTexts } from './texts/useSystemTexts'

type Schemas = components['schemas']
type SystemView = Schemas['SystemView']
type Process = Schemas['SystemProcessView']
type Figures = Schemas['ProcessFigures']

/** Asked for as long as somebody looks. */
const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => unwrap(client.GET('/api/v1/system', { signal })),
  refetchInterval: 5_000,
  refetchIntervalInBackground: false,
})

/** How the installation does, live. */
export function SystemPage() {
  const m = useMessages()
  const t = useSystemTexts()
  const { data, error, refetch } = useQuery(systemQuery)
  return (
    <SettingsPage title={m.organization.system} subtitle={t.subtitle}>
      {data === undefined ? (
        error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton height={240} />
        )
      ) : (
        <Stack>
          <Warnings data={data} />
          <Installation data={data} />
          <Section title={t.processes} text={t.edgesNote}>
            {data.processes.length === 0 ? (
              <Text c="dimmed">{t.noProcesses}</Text>
            ) : (
              <Stack gap="lg">
                {data.processes.map((process) => (
                  <ProcessCard key={process.id} process={process} />
                ))}
              </Stack>
            )}
          </Section>
        </Stack>
      )}
    </SettingsPage>
  )
}

function Warnings({ data: { events } }: { data: SystemView }) {
  const t = useSystemTexts()
  const format = useFormats()
  return (
    <>
      {events.unreadableKeys > 0 && (
        <Alert color="red" variant="light" role="alert" title={t.keysTitle}>
          {t.keys(format.count(events.unreadableKeys))}
        </Alert>
      )}
      {events.setAside > 0 && (
        <Alert color="red" variant="light" role="alert" title={t.setAsideTitle}>
          {t.setAside(format.count(events.setAside))}
        </Alert>
      )}
      {events.waiting > events.limit * 0.8 && (
        <Alert color="orange" variant="light" role="alert" title={t.fullTitle}>
          {t.full}
        </Alert>
      )}
    </>
  )
}

function Installation({ data }: { data: SystemView }) {
  const t = useSystemTexts()
  const format = useFormats()
  const { events, database } = data
  const streams = data.processes.reduce((sum, process) => sum + (process.samples.at(-1)?.streams ?? 0), 0)
  return (
    <Section title={t.all} text={events.removedEnvironments > 0 ? t.removing(format.count(events.removedEnvironments)) : undefined}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="lg" verticalSpacing="md">
        <Figure label={t.evaluations} value={format.count(data.evaluations)} unit={t.perSecond} help={t.evaluationsHelp} />
        <Figure label={t.streams} value={format.count(streams)} help={t.streamsHelp(data.edges)} />
        <Figure
          label={t.waiting}
          value={format.count(events.waiting)}
          help={events.waiting === 0 ? t.waitingNone(format.count(events.limit)) : t.waitingHelp(format.seconds(events.lagSeconds), format.count(events.limit))}
        />
        <Figure label={t.database} value={format.bytes(database.sizeBytes)} help={`PostgreSQL ${database.version}`} />
        <Figure label={t.connections} value={format.count(database.connections)} help={t.connectionsHelp(database.connectionLimit)} />
        <Figure label={t.answer} value={format.milliseconds(database.answerMilliseconds)} help={t.answerHelp} />
        <Figure label={t.transaction} value={format.seconds(database.longestTransactionSeconds)} />
      </SimpleGrid>
    </Section>
  )
}

function ProcessCard({ process }: { process: Process }) {
  const t = useSystemTexts()
  const format = useFormats()
  const last = process.samples.at(-1)
  const course = (of: (figures: Figures) => number) => process.samples.map(of)
  const p95 = (milliseconds: number | null | undefined) => (milliseconds === null || milliseconds === undefined ? undefined : t.p95(format.milliseconds(milliseconds)))
  return (
    <article aria-label={process.host}>
      <Group gap="xs" mb="xs">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {process.host}
        </Text>
        {process.roles.map((role) => (
          <Badge key={role} variant="light" tt="none">
            {role}
          </Badge>
        ))}
        <Text size="sm" c="dimmed">
          {t.version(process.version)} · {t.started} <RelativeTime at={process.startedAt} />
        </Text>
      </Group>
      {last && (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="lg" verticalSpacing="md">
          <Figure label={t.api} value={format.count(last.requests)} unit={t.perSecond} help={p95(last.requestP95)} course={course((each) => each.requests)} />
          <Figure label={t.sdk} value={format.count(last.sdkRequests)} unit={t.perSecond} help={p95(last.sdkP95)} course={course((each) => each.sdkRequests)} />
          <Figure label={t.remote} value={format.count(last.evaluations)} unit={t.perSecond} course={course((each) => each.evaluations)} />
          <Figure label={t.events} value={format.count(last.events)} unit={t.perSecond} course={course((each) => each.events)} />
          <Figure label={t.streams} value={format.count(last.streams)} course={course((each) => each.streams)} />
          <Figure label={t.cpu} value={format.count(last.cpu)} help={t.threads(format.count(last.threads))} course={course((each) => each.cpu)} />
          <Figure label={t.memory} value={format.bytes(last.memory)} help={t.managed(format.bytes(last.managedMemory))} course={course((each) => each.memory)} />
        </SimpleGrid>
      )}
    </article>
  )
}

type FigureProps = { label: string; value: string; unit?: string; help?: string | undefined; course?: number[] }

function Figure({ label, value, unit, help, course }: FigureProps) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz="xl" fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}{' '}
        {unit !== undefined && (
          <Text span size="xs" c="dimmed" fw={400}>
            {unit}
          </Text>
        )}
      </Text>
      {course && <Sparkline values={course} width={130} />}
      {help !== undefined && (
        <Text size="xs" c="dimmed" mt={2}>
          {help}
        </Text>
      )}
    </div>
  )
}

function useFormats() {
  const { language } = useLanguage()
  const number = (options: Intl.NumberFormatOptions) => (value: number) => new Intl.NumberFormat(language, options).format(value)
  const unit = (name: string) => number({ style: 'unit', unit: name, maximumSignificantDigits: 3 })
  return {
    count: number({ notation: 'compact', maximumSignificantDigits: 3 }),
    milliseconds: unit('millisecond'),
    seconds: unit('second'),
    bytes: (value: number) => (value >= 1e9 ? unit('gigabyte')(value / 1e9) : unit('megabyte')(value / 1e6)),
  }
}
