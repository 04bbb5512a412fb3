import { Button, Group, Paper, SegmentedControl, Skeleton, Text, Title } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { ColumnChart } from '@/shared/components/ColumnChart'
import { ErrorState } from '@/shared/components/ErrorState'
import { WatchButton } from '@/shared/inbox/WatchButton'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { may, meQuery, projectsQuery } from '@/shared/project/me'
import { useEnvironments, useScope, type Scope } from '@/shared/project/scope'
import { connectionsQuery, onboardingQuery, usageQuery } from '@/shared/project/usage'
import { Attention } from './Attention'
import { EnvironmentStates } from './EnvironmentStates'
import { LiveRate } from './LiveRate'
import classes from './Overview.module.css'
import { RecentChanges } from './RecentChanges'

const HealthSummary = lazy(() => import('./HealthSummary'))

/** How a project is doing: what is evaluated, what needs work, and what has just changed. */
export function OverviewPage() {
  const m = useMessages()
  const scope = useScope()
  const { current } = useEnvironments()
  const { data: me } = useQuery(meQuery)
  const { data: projects } = useQuery(projectsQuery(scope.org))
  const onboarding = useQuery(onboardingQuery(scope))
  const seesFlags = may(me, 'flag.view', scope)
  const name = projects?.find(({ key }) => key === scope.project)?.name ?? scope.project
  const isConnected = onboarding.data?.environments.some(({ firstEvaluatedAt }) => firstEvaluatedAt !== null) ?? true

  return (
    <div className={classes.page}>
      <Group justify="space-between" mb="md" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h3">
            {name}
          </Title>
          <Text c="dimmed" size="sm">
            {m.overview.subtitle}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          {seesFlags && <WatchButton scope={scope} />}
          <Button component={Link} to="/p/$org/$project/connect" params={scope as never} variant="default" leftSection={<IconPlugConnected size={17} aria-hidden />} visibleFrom="sm">
            {m.overview.connect}
          </Button>
        </Group>
      </Group>
      {!isConnected && <ConnectCard scope={scope} />}
      {onboarding.isError && <ErrorState error={onboarding.error} onRetry={() => void onboarding.refetch()} />}
      {current === undefined || me === undefined ? (
        <Skeleton h={104} />
      ) : (
        <Tiles scope={scope} environment={current.key} seesFlags={seesFlags} flags={onboarding.data?.flags} />
      )}
      <div className={classes.columns}>
        <div className={classes.stack}>
          {seesFlags && current && <Evaluations scope={scope} environment={current} />}
          {seesFlags && <Attention scope={scope} />}
        </div>
        <div className={classes.stack}>
          {current && <LiveRate key={current.key} scope={scope} environment={current} />}
          {seesFlags && (
            <Suspense fallback={<Skeleton h={104} />}>
              <HealthSummary scope={scope} />
            </Suspense>
          )}
          <EnvironmentStates scope={scope} onboarding={onboarding.data} />
          {may(me, 'audit.view', scope) && <RecentChanges scope={scope} />}
        </div>
      </div>
    </div>
  )
}

function ConnectCard({ scope }: { scope: Scope }) {
  const m = useMessages()
  return (
    <Paper className={`surface ${classes.connect}`}>
      <div style={{ flex: '1 1 260px' }}>
        <Text fw={600}>{m.overview.connectTitle}</Text>
        <Text c="dimmed" size="sm">
          {m.overview.connectText}
        </Text>
      </div>
      <Button component={Link} to="/p/$org/$project/connect" params={scope as never} leftSection={<IconPlugConnected size={17} aria-hidden />}>
        {m.overview.connect}
      </Button>
    </Paper>
  )
}

function Tiles({ scope, environment, seesFlags, flags }: { scope: Scope; environment: string; seesFlags: boolean; flags: number | undefined }) {
  const m = useMessages()
  const { language } = useLanguage()
  const usage = useQuery({ ...usageQuery(scope, environment), enabled: seesFlags })
  const live = useQuery(connectionsQuery(scope, environment))
  const compact = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  return (
    <div className={classes.tiles}>
      <Tile title={m.overview.flags} value={flags === undefined ? undefined : compact.format(flags)} />
      {seesFlags && <Tile title={m.overview.evaluations} value={usage.data && compact.format(usage.data.total)} />}
      <Tile
        title={m.overview.rate}
        value={live.data && (live.data.isLive ? m.overview.perSecond(compact.format(live.data.evaluationsPerSecond)) : '–')}
        hint={live.data?.isLive === false ? m.overview.elsewhere : undefined}
      />
      <Tile title={m.overview.connections} value={live.data && (live.data.isLive ? compact.format(live.data.streams) : '–')} />
    </div>
  )
}

function Tile({ title, value, hint }: { title: string; value: string | undefined; hint?: string | undefined }) {
  return (
    <Paper className="surface" p="md" mih={84} title={hint}>
      <Text size="sm" c="dimmed" truncate>
        {title}
      </Text>
      {value === undefined ? <Skeleton h={26} w={70} mt={6} /> : <p className={classes.figure}>{value}</p>}
    </Paper>
  )
}

function Evaluations({ scope, environment }: { scope: Scope; environment: { key: string; name: string; color: string } }) {
  const m = useMessages()
  const [hours, setHours] = useState('24')
  const usage = useQuery(usageQuery(scope, environment.key, Number(hours)))
  return (
    <Paper className="surface" p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {m.overview.chartTitle(environment.name)}
        </Title>
        <SegmentedControl
          size="xs"
          value={hours}
          onChange={setHours}
          aria-label={m.usage.span}
          data={[
            { value: '24', label: m.usage.day },
            { value: '168', label: m.usage.week },
            { value: '720', label: m.usage.month },
          ]}
        />
      </Group>
      {usage.data === undefined ? (
        usage.isError ? <ErrorState error={usage.error} onRetry={() => void usage.refetch()} /> : <Skeleton h={230} />
      ) : (
        <ColumnChart
          label={m.overview.chartTitle(environment.name)}
          from={usage.data.from}
          stepHours={usage.data.stepHours}
          series={[{ key: 'all', label: m.overview.evaluations, color: 'var(--mantine-primary-color-filled)', counts: usage.data.series }]}
        />
      )}
    </Paper>
  )
}
