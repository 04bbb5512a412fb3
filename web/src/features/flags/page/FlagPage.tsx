import { Alert, Badge, Button, Group, Tabs, Text } from '@mantine/core'
import { IconArchive, IconCalendarClock, IconChartBar, IconCode, IconHeartbeat, IconHistory, IconListDetails, IconScale, IconSettings, IconTarget } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { useFlagActions } from '../api/changeFlag'
import { flagQuery } from '../api/getFlag'
import { TargetingTab } from '../targeting/TargetingTab'
import ReachLine from '../reach/ReachLine'
import { EnvironmentTabs } from './EnvironmentTabs'
import { FlagHeader } from './FlagHeader'
import { FlagPageLoading } from './FlagPageLoading'
import { KilledBanner } from './KilledBanner'
import { WaitingBanner } from './WaitingBanner'

const route = getRouteApi('/signedIn/p/$org/$project/flags/$flag')

const VariantsTab = lazy(() => import('./VariantsTab'))
const UsageTab = lazy(() => import('./UsageTab'))
const SchedulesTab = lazy(() => import('../schedules/SchedulesTab'))
const BanditTab = lazy(() => import('../bandits/BanditTab'))
const HealthTab = lazy(() => import('./HealthTab'))
const HistoryTab = lazy(() => import('./HistoryTab'))
const CodeTab = lazy(() => import('./CodeTab'))
const SettingsTab = lazy(() => import('./SettingsTab'))

const allTabs = ['targeting', 'variants', 'schedules', 'bandit', 'usage', 'health', 'history', 'code', 'settings'] as const

export function FlagPage() {
  const m = useMessages()
  const { org, project, flag: key } = route.useParams()
  const scope = { org, project }
  const { tab: asked } = route.useSearch()
  const canManage = useCan('flag.manage', scope)
  const tabs: readonly (typeof allTabs)[number][] = useCan('audit.view', scope) ? allTabs : allTabs.filter((item) => item !== 'history')
  const tab = tabs.find((item) => item === asked) ?? 'targeting'
  const navigate = route.useNavigate()
  const { environments, current, choose } = useEnvironments()
  const flag = useQuery(flagQuery(scope, key))
  const actions = useFlagActions(scope, key)
  const recent = useRecentChange('flag', key)

  if (flag.isPending) {
    return <FlagPageLoading />
  }
  if (flag.data === undefined) {
    return <ErrorState page error={flag.error} onRetry={() => void flag.refetch()} />
  }
  const { body: view, etag } = flag.data
  const restore = () =>
    actions.restore.mutate(undefined, {
      onSuccess: () => showDone(m.flag.restored(key), m),
      onError: (error) => showError(m.errors.title, error, m),
    })

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1280 }}>
      <FlagHeader scope={scope} flag={view} current={current} />
      {recent && (
        <Badge variant="light" tt="none" mb="sm" size="lg" role="status">
          {m.flag.otherChange(recent.who || m.common.somebody)}
        </Badge>
      )}
      {view.archivedAt !== null && (
        <Alert color="gray" icon={<IconArchive />} mb="md">
          <Group justify="space-between">
            <Text size="sm">{m.flag.archivedBanner}</Text>
            {canManage && (
              <Button variant="default" size="compact-sm" loading={actions.restore.isPending} onClick={restore}>
                {m.flag.restore}
              </Button>
            )}
          </Group>
        </Alert>
      )}
      <WaitingBanner scope={scope} flag={key} />
      {current && <KilledBanner scope={scope} flag={view} environment={current} environments={environments} />}
      <EnvironmentTabs scope={scope} flag={view} environments={environments} current={current} onChoose={choose} />
      {current && (
        <ReachLine scope={scope} flag={key} environment={current.key} change={view.environments[current.key]?.version ?? 0} within={10 * 60_000} />
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        mt="md"
        onChange={(next) =>
          void navigate({ search: (previous) => ({ ...previous, tab: next === 'targeting' ? undefined : (next ?? undefined) }) })
        }
      >
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          <Tabs.Tab value="targeting" leftSection={<IconTarget size={16} aria-hidden />}>
            {m.flag.targeting}
          </Tabs.Tab>
          <Tabs.Tab value="variants" leftSection={<IconListDetails size={16} aria-hidden />}>
            {m.flag.variants}
          </Tabs.Tab>
          <Tabs.Tab value="schedules" leftSection={<IconCalendarClock size={16} aria-hidden />}>
            {m.schedules.title}
          </Tabs.Tab>
          <Tabs.Tab value="bandit" leftSection={<IconScale size={16} aria-hidden />}>
            {m.flag.bandit}
          </Tabs.Tab>
          <Tabs.Tab value="usage" leftSection={<IconChartBar size={16} aria-hidden />}>
            {m.usage.title}
          </Tabs.Tab>
          <Tabs.Tab value="health" leftSection={<IconHeartbeat size={16} aria-hidden />}>
            {m.health.title}
          </Tabs.Tab>
          {tabs.includes('history') && (
            <Tabs.Tab value="history" leftSection={<IconHistory size={16} aria-hidden />}>
              {m.flag.history}
            </Tabs.Tab>
          )}
          <Tabs.Tab value="code" leftSection={<IconCode size={16} aria-hidden />}>
            {m.flag.code}
          </Tabs.Tab>
          <Tabs.Tab value="settings" leftSection={<IconSettings size={16} aria-hidden />}>
            {m.flag.settings}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="targeting" pt="md">
          {current && <TargetingTab key={`${key} ${current.key}`} scope={scope} flag={view} environment={current} />}
        </Tabs.Panel>
        <Suspense>
          <Tabs.Panel value="variants" pt="md">
            <VariantsTab key={key} scope={scope} flag={view} etag={etag} />
          </Tabs.Panel>
          <Tabs.Panel value="schedules" pt="md">
            {current && <SchedulesTab key={`${key} ${current.key}`} scope={scope} flag={view} environment={current} />}
          </Tabs.Panel>
          <Tabs.Panel value="bandit" pt="md">
            {current && <BanditTab key={`${key} ${current.key}`} scope={scope} flag={view} environment={current} />}
          </Tabs.Panel>
          <Tabs.Panel value="usage" pt="md">
            {current && <UsageTab key={`${key} ${current.key}`} scope={scope} flag={view} environment={current} />}
          </Tabs.Panel>
          <Tabs.Panel value="health" pt="md">
            {current && <HealthTab key={`${key} ${current.key}`} scope={scope} flag={view} environment={current} environments={environments} onChoose={choose} />}
          </Tabs.Panel>
          <Tabs.Panel value="history" pt="md">
            <HistoryTab scope={scope} flag={key} />
          </Tabs.Panel>
          <Tabs.Panel value="code" pt="md">
            <CodeTab flag={view} />
          </Tabs.Panel>
          <Tabs.Panel value="settings" pt="md">
            <SettingsTab key={key} scope={scope} flag={view} etag={etag} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </div>
  )
}
