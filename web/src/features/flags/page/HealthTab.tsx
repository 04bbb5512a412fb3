import { Alert, Button, Group, Paper, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconHeartbeat, IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { flagHealthQuery, seriesQuery, useHealthSettings, type FlagHealthView } from '@/shared/health/api'
import { HealthBadge } from '@/shared/health/HealthBadge'
import { HowToReport } from '@/shared/health/HowToReport'
import { RateChart } from '@/shared/health/RateChart'
import { SettingsDialog } from '@/shared/health/SettingsDialog'
import { SettingsText } from '@/shared/health/SettingsText'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView; environments: EnvironmentView[]; onChoose: (key: string) => void }

/** How a flag does: everywhere at a glance, and in the chosen environment with the numbers, the threshold and what happens then. */
export default function HealthTab({ scope, flag, environment, environments, onChoose }: Props) {
  const m = useMessages()
  const health = useQuery(flagHealthQuery(scope, flag.key))
  if (health.data === undefined) {
    return health.isError ? <ErrorState error={health.error} onRetry={() => void health.refetch()} /> : <Skeleton h={320} aria-label={m.common.loading} />
  }
  const here = health.data.environments.find(({ environment: key }) => key === environment.key)
  return (
    <Stack>
      <Strip places={health.data.environments} environments={environments} current={environment.key} onChoose={onChoose} />
      {here && <Here scope={scope} flag={flag} environment={environment} health={here} />}
    </Stack>
  )
}

function Strip({ places, environments, current, onChoose }: { places: FlagHealthView[]; environments: EnvironmentView[]; current: string; onChoose: (key: string) => void }) {
  const { language } = useLanguage()
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  return (
    <Group gap="xs">
      {places.map((place) => {
        const environment = environments.find(({ key }) => key === place.environment)
        return (
          <Button
            key={place.environment}
            variant={place.environment === current ? 'light' : 'default'}
            aria-pressed={place.environment === current}
            h="auto"
            py={8}
            onClick={() => onChoose(place.environment)}
          >
            <Group gap={8} wrap="nowrap">
              {environment && <EnvironmentMark environment={environment} size="sm" />}
              <HealthBadge state={place.state} size="xs" />
              <Text size="xs" c="var(--mantine-color-text)">
                {percent.format(place.whole.errorRate)}
              </Text>
            </Group>
          </Button>
        )
      })}
    </Group>
  )
}

function Here({ scope, flag, environment, health }: { scope: Scope; flag: FlagView; environment: EnvironmentView; health: FlagHealthView }) {
  const m = useMessages()
  const t = useHealthTexts()
  const { language } = useLanguage()
  const canManage = useCan('flag.manage', scope)
  const [minutes, setMinutes] = useState('10')
  const [editing, setEditing] = useState(false)
  const series = useQuery(seriesQuery(scope, flag.key, environment.key, Number(minutes)))
  const { reset } = useHealthSettings(scope, { environment: environment.key, flag: flag.key })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  return (
    <>
      {health.incident !== null && (
        <Alert color="red" variant="light" styles={{ message: { color: 'var(--mantine-color-text)' } }}>
          <Group justify="space-between">
            <Group gap="xs">
              <HealthBadge state={health.state} size="md" />
              {health.since !== null && <Text size="sm"><RelativeTime at={health.since} /></Text>}
              {health.trialAt !== null && <Text size="sm">{t.trialAt}: <RelativeTime at={health.trialAt} /></Text>}
              {health.trialUntil !== null && <Text size="sm">{t.trialUntil}: <RelativeTime at={health.trialUntil} /></Text>}
            </Group>
            <Button
              size="compact-sm"
              variant="default"
              renderRoot={(props) => <Link {...props} to="/p/$org/$project/incidents/$number" params={{ ...scope, number: String(health.incident) } as never} />}
            >
              {t.incidentNumber(health.incident)}
            </Button>
          </Group>
        </Alert>
      )}
      {!health.isOn && health.incident === null && <Text size="sm" c="dimmed">{t.off2}</Text>}
      <Paper className="surface" p="md">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h5">
            {t.rate}: {environment.name}
          </Title>
          <SegmentedControl size="xs" aria-label={t.chartSpan} value={minutes} onChange={setMinutes} data={['5', '10', '60'].map((value) => ({ value, label: t.minutes(Number(value)) }))} />
        </Group>
        {series.data === undefined ? (
          series.isError ? <ErrorState error={series.error} onRetry={() => void series.refetch()} /> : <Skeleton h={180} />
        ) : series.data.series.length === 0 && health.lastErrorAt === null ? (
          <>
            <EmptyState icon={IconHeartbeat} title={t.emptyTitle} text={t.emptyText} />
            <HowToReport flag={flag.key} />
          </>
        ) : (
          <RateChart series={series.data} variants={flag.variants} most={health.settings.maxErrorRate} label={t.chart(flag.key, environment.key)} />
        )}
      </Paper>
      <Group align="stretch" grow preventGrowOverflow={false}>
        <Paper className="surface" p="md" miw={280} style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.inWindow(health.settings.windowSeconds)}>
          <Title order={2} size="h5" mb="xs">
            {t.inWindow(health.settings.windowSeconds)}
          </Title>
          <Table aria-label={t.inWindow(health.settings.windowSeconds)} withRowBorders={false}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.variant}</Table.Th>
                <Table.Th ta="right">{t.numbers}</Table.Th>
                <Table.Th ta="right">{t.rate}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[health.whole, ...health.variants].map((row) => (
                <Table.Tr key={row.variant ?? ''}>
                  <Table.Td>{row.variant ?? t.whole}</Table.Td>
                  <Table.Td ta="right">
                    {number.format(row.errors)} / {number.format(row.evaluations)}
                  </Table.Td>
                  <Table.Td ta="right" fw={row.level === 'good' ? undefined : 700} c={row.level === 'bad' ? 'var(--mantine-color-error)' : undefined}>
                    {percent.format(row.errorRate)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Text size="xs" c="dimmed" mt="xs">
            {t.lastError}: {health.lastErrorAt === null ? t.never : <RelativeTime at={health.lastErrorAt} />}
          </Text>
        </Paper>
        <Paper className="surface" p="md" miw={280}>
          <Group justify="space-between" mb="xs" wrap="nowrap" align="flex-start">
            <div>
              <Title order={2} size="h5">
                {t.settings}
              </Title>
              <Text size="xs" c="dimmed">
                {t.sources[health.source]}
              </Text>
            </div>
            {canManage && flag.archivedAt === null && (
              <Button variant="default" size="compact-sm" leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setEditing(true)}>
                {t.change}
              </Button>
            )}
          </Group>
          <SettingsText settings={health.settings} />
          {canManage && health.source === 'flag' && (
            <Button
              variant="subtle"
              size="compact-sm"
              mt="xs"
              loading={reset.isPending}
              onClick={() => reset.mutate(undefined, { onSuccess: () => showDone(t.resetDone, m), onError: (error) => showError(m.errors.title, error, m) })}
            >
              {t.reset}
            </Button>
          )}
        </Paper>
      </Group>
      {series.data !== undefined && series.data.errors.length > 0 && (
        <Paper className="surface" p="md" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t.recentErrors}>
          <Title order={2} size="h5" mb="xs">
            {t.recentErrors}
          </Title>
          <Table aria-label={t.recentErrors}>
            <Table.Tbody>
              {series.data.errors.map((error) => (
                <Table.Tr key={error.type}>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    <Text size="sm" fw={600}>{error.type}</Text>
                    <Text size="sm" lineClamp={2}>{error.message}</Text>
                  </Table.Td>
                  <Table.Td ta="right">{number.format(error.count)} ×</Table.Td>
                  <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}><RelativeTime at={error.lastAt} /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
      )}
      {editing && (
        <SettingsDialog
          scope={scope}
          place={{ environment: environment.key, flag: flag.key }}
          name={`${flag.name || flag.key}, ${environment.name}`}
          settings={health.settings}
          isInherited={health.source !== 'flag'}
          onClose={() => setEditing(false)}
        />
      )}
    </>
  )
}
