import { ActionIcon, AppShell, Box, Burger, Group, Stack, Text, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconArrowLeft,
  IconBellRinging,
  IconHistory,
  IconLock,
  IconLogin2,
  IconRobot,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconUser,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { NoAccess } from '@/shared/components/NoAccess'
import { Logo } from '@/shared/components/Logo'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { useLiveUpdates } from '@/shared/live/useLiveUpdates'
import { projectsQuery } from '@/shared/project/me'
import { useAccess } from '@/shared/project/useAccess'
import { SearchButton } from '../palette/SearchButton'
import { LiveStatus } from './LiveStatus'
import { InboxBell } from './InboxBell'
import { UserMenu } from './UserMenu'

const route = getRouteApi('/signedIn/o/$org')

type Access = ReturnType<typeof useAccess>

const seesMembers = (access: Access) => access.canSomewhere('membership.view')

const links = [
  { to: '/o/$org/members', label: (m: Messages) => m.organization.members, icon: IconUser, shown: seesMembers },
  { to: '/o/$org/groups', label: (m: Messages) => m.organization.groups, icon: IconUsersGroup, shown: seesMembers },
  { to: '/o/$org/roles', label: (m: Messages) => m.organization.roles, icon: IconShieldCheck, shown: seesMembers },
  {
    to: '/o/$org/service-accounts',
    label: (m: Messages) => m.organization.serviceAccounts,
    icon: IconRobot,
    shown: (access: Access) => access.canSomewhere('serviceaccount.manage'),
  },
  {
    to: '/o/$org/sign-in',
    label: (m: Messages) => m.organization.signIn,
    icon: IconLogin2,
    shown: (access: Access) => access.can('identity.manage'),
  },
  {
    to: '/o/$org/security',
    label: (m: Messages) => m.organization.security,
    icon: IconLock,
    shown: (access: Access) => access.can('identity.manage'),
  },
  {
    to: '/o/$org/audit',
    label: (m: Messages) => m.organization.audit,
    icon: IconHistory,
    shown: (access: Access) => access.canSomewhere('audit.view'),
  },
  {
    to: '/o/$org/notifications',
    label: (m: Messages) => m.inbox.notifications,
    icon: IconBellRinging,
    shown: (access: Access) => access.can('notification.manage'),
  },
  {
    to: '/o/$org/system',
    label: (m: Messages) => m.organization.system,
    icon: IconServer,
    shown: (access: Access) => access.can('organization.manage'),
  },
  { to: '/o/$org/general', label: (m: Messages) => m.organization.general, icon: IconSettings, shown: () => true },
] as const satisfies { to: string; label: (m: Messages) => string; icon: TablerIcon; shown: (access: Access) => boolean }[]

/** The frame of every page of an organization's administration. */
export function OrganizationShell() {
  const m = useMessages()
  const { org } = route.useParams()
  const [opened, { toggle: toggleNavigation, close: closeNavigation }] = useDisclosure()
  const access = useAccess(org)
  const status = useLiveUpdates({ org, project: '' })
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => closeNavigation(), [path, closeNavigation])
  // What the navigation does not offer is not shown to those who know its address either.
  const here = links.find(({ to }) => path.split('/')[3] === to.split('/')[3])

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
          <Group h={55} px="md" gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggleNavigation} hiddenFrom="sm" size="sm" aria-label={m.app.openNavigation} />
            <Box visibleFrom="sm" w={184}>
              <Logo />
            </Box>
            <BackToProject org={org} />
            <Text fw={600} truncate>
              {access.organization?.name ?? org}
            </Text>
            <Box flex={1} />
            <SearchButton />
            <LiveStatus status={status} />
            <InboxBell />
            <UserMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="sm" aria-label={m.organization.navigation}>
          <Stack gap={2}>
            {links
              .filter(({ shown }) => shown(access))
              .map(({ to, label, icon: Icon }) => (
                <Link key={to} to={to} params={{ org }} className="nav-link">
                  <Icon size={19} stroke={1.7} aria-hidden />
                  {label(m)}
                </Link>
              ))}
          </Stack>
        </AppShell.Navbar>
        <AppShell.Main id="content">
          {access.me !== undefined && access.organization === undefined ? (
            <EmptyState icon={IconLock} title={m.organization.goneTitle} text={m.organization.goneText} />
          ) : here !== undefined && access.me !== undefined && !here.shown(access) ? (
            <NoAccess />
          ) : (
            <Outlet />
          )}
        </AppShell.Main>
      </AppShell>
    </>
  )
}

/** Leads back to the flags: of the project in which the person was last, else of the first one. */
function BackToProject({ org }: { org: string }) {
  const m = useMessages()
  const { data: projects = [] } = useQuery(projectsQuery(org))
  const [lastOrg, last] = (localStorage.getItem('togglr-project') ?? '').split('/')
  const project = (lastOrg === org ? projects.find(({ key }) => key === last) : undefined) ?? projects[0]
  return (
    <Tooltip label={m.organization.backToFlags}>
      {project === undefined ? (
        <ActionIcon component={Link} to="/" variant="subtle" color="gray" size="lg" aria-label={m.organization.backToFlags}>
          <IconArrowLeft size={18} />
        </ActionIcon>
      ) : (
        <ActionIcon
          renderRoot={(props) => (
            <Link to="/p/$org/$project/flags" params={{ org, project: project.key }} search={{}} {...props} />
          )}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={m.organization.backToFlags}
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      )}
    </Tooltip>
  )
}
