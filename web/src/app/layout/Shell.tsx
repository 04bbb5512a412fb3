import { AppShell, Badge, Box, Burger, Divider, Group, Indicator, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconBell,
  IconBuilding,
  IconActivity,
  IconCalendarClock,
  IconChartArrowsVertical,
  IconChartHistogram,
  IconFlag3,
  IconFlask,
  IconGitPullRequest,
  IconHeartbeat,
  IconHistory,
  IconLayoutDashboard,
  IconLock,
  IconPlugConnected,
  IconServer2,
  IconSettings,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { reviewCountQuery } from '@/shared/changes/changeRequests'
import { CollectingBanner } from '@/shared/changes/CollectingBanner'
import { EmptyState } from '@/shared/components/EmptyState'
import { Logo } from '@/shared/components/Logo'
import { unreadQuery } from '@/shared/inbox/inbox'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { useLiveUpdates } from '@/shared/live/useLiveUpdates'
import { may, maySomewhere, meQuery } from '@/shared/project/me'
import { rememberOrganization } from '@/shared/project/organizations'
import { environmentColor, useEnvironments } from '@/shared/project/scope'
import { EnvironmentSwitcher } from './EnvironmentSwitcher'
import { SearchButton } from '../palette/SearchButton'
import { LiveStatus } from './LiveStatus'
import { ProjectSwitcher } from './ProjectSwitcher'
import { InboxBell } from './InboxBell'
import { UserMenu } from './UserMenu'

const route = getRouteApi('/signedIn/p/$org/$project')

const links = [
  { to: '/p/$org/$project', label: (m: Messages) => m.overview.nav, icon: IconLayoutDashboard, needs: 'project.view' },
  { to: '/p/$org/$project/flags', label: (m: Messages) => m.app.flags, icon: IconFlag3, needs: 'flag.view' },
  { to: '/p/$org/$project/segments', label: (m: Messages) => m.app.segments, icon: IconUsersGroup, needs: 'flag.view' },
  { to: '/p/$org/$project/experiments', label: (m: Messages) => m.app.experiments, icon: IconFlask, needs: 'flag.view' },
  { to: '/p/$org/$project/analytics', label: (m: Messages) => m.events.analytics, icon: IconChartHistogram, needs: 'flag.view' },
  { to: '/p/$org/$project/schedules', label: (m: Messages) => m.schedules.title, icon: IconCalendarClock, needs: 'flag.view' },
  { to: '/p/$org/$project/health', label: (m: Messages) => m.health.title, icon: IconHeartbeat, needs: 'flag.view' },
  { to: '/p/$org/$project/events', label: (m: Messages) => m.events.title, icon: IconActivity, needs: 'flag.view' },
  { to: '/p/$org/$project/evaluate', label: (m: Messages) => m.app.evaluate, icon: IconChartArrowsVertical, needs: 'flag.view' },
  { to: '/p/$org/$project/environments', label: (m: Messages) => m.app.environments, icon: IconServer2, needs: 'project.view' },
  { to: '/p/$org/$project/changes', label: (m: Messages) => m.changes.nav, icon: IconGitPullRequest, needs: 'flag.view' },
  { to: '/p/$org/$project/audit', label: (m: Messages) => m.app.audit, icon: IconHistory, needs: 'audit.view' },
  { to: '/p/$org/$project/settings', label: (m: Messages) => m.projectSettings.nav, icon: IconSettings, needs: 'project.view' },
  { to: '/p/$org/$project/connect', label: (m: Messages) => m.projectSettings.connect, icon: IconPlugConnected, needs: 'project.view' },
] as const satisfies { to: string; label: (m: Messages) => string; icon: TablerIcon; needs: string }[]

/** The frame of every page of a project. */
export function Shell() {
  const m = useMessages()
  const [opened, { toggle: toggleNavigation, close: closeNavigation }] = useDisclosure()
  const scope = route.useParams()
  const { data: me } = useQuery(meQuery)
  const status = useLiveUpdates(scope)
  const { environments, current, choose } = useEnvironments()
  const { data: waiting = 0 } = useQuery({ ...reviewCountQuery(scope), enabled: may(me, 'flag.view', scope) })
  const { data: unread = 0 } = useQuery(unreadQuery)
  const path = useRouterState({ select: (state) => state.location.pathname })

  const inIncidents = path.startsWith(`/p/${scope.org}/${scope.project}/incidents/`)

  useEffect(() => {
    localStorage.setItem('togglr-project', `${scope.org}/${scope.project}`)
    rememberOrganization(scope.org)
  }, [scope.org, scope.project])
  useEffect(() => closeNavigation(), [path, closeNavigation])

  return (
    <>
      <a className="skip-link" href="#content">
        {m.app.skip}
      </a>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding={0}
        styles={{ header: { background: 'var(--mantine-color-body)' }, navbar: { background: 'var(--mantine-color-body)' } }}
      >
        <AppShell.Header>
          <Group h={53} px={{ base: 'xs', sm: 'md' }} gap="var(--header-gap)" wrap="nowrap" className="header-row">
            {/* On a phone there is no room for a bell: a dot says that the navigation has something to tell. */}
            <Indicator hiddenFrom="sm" disabled={unread === 0} size={9} offset={4} color="red">
              <Burger opened={opened} onClick={toggleNavigation} size="sm" aria-label={m.app.openNavigation} />
            </Indicator>
            <Box visibleFrom="sm" w={184}>
              <Logo />
            </Box>
            <ProjectSwitcher scope={scope} />
            <EnvironmentSwitcher environments={environments} current={current} onChoose={choose} />
            <Box flex={1} />
            <SearchButton />
            <LiveStatus status={status} />
            <Box visibleFrom="sm">
              <InboxBell />
            </Box>
            <UserMenu />
          </Group>
          <div
            className="environment-stripe"
            data-critical={current?.critical || undefined}
            style={{ '--environment-color': environmentColor(current) } as React.CSSProperties}
          />
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={m.app.navigation}>
          <Stack gap={2}>
            {links
              .filter(({ needs }) => may(me, needs, scope))
              .map(({ to, label, icon: Icon }) => (
              <Link
                key={to}
                to={to}
                params={scope}
                className="nav-link"
                activeOptions={{ exact: to === '/p/$org/$project', includeSearch: false }}
                // Incidents have a place of their own, and belong here.
                {...(to === '/p/$org/$project/health' && inIncidents ? { 'data-status': 'active', 'aria-current': 'page' as const } : {})}
              >
                <Icon size={19} stroke={1.7} aria-hidden />
                {label(m)}
                {to === '/p/$org/$project/changes' && waiting > 0 && (
                  <Badge size="sm" circle={waiting < 10} ml="auto" aria-label={m.changes.waiting(waiting)}>
                    {waiting}
                  </Badge>
                )}
              </Link>
            ))}
            <Divider my={6} />
            <Box hiddenFrom="sm">
              <Link to="/inbox" className="nav-link">
                <IconBell size={19} stroke={1.7} aria-hidden />
                {m.inbox.title}
                {unread > 0 && (
                  <Badge size="sm" circle={unread < 10} color="red.9" ml="auto" aria-label={m.inbox.bell(unread)}>
                    {unread > 99 ? '99+' : unread}
                  </Badge>
                )}
              </Link>
            </Box>
            <Link to="/o/$org" params={{ org: scope.org }} className="nav-link">
              <IconBuilding size={19} stroke={1.7} aria-hidden />
              {m.organization.title}
            </Link>
          </Stack>
        </AppShell.Navbar>
        <AppShell.Main id="content">
          {me !== undefined && !maySomewhere(me, 'project.view', scope) ? (
            <EmptyState icon={IconLock} title={m.organization.goneTitle} text={m.organization.goneProjectText} />
          ) : (
            <>
              <CollectingBanner scope={scope} />
              <Outlet />
            </>
          )}
        </AppShell.Main>
      </AppShell>
    </>
  )
}
