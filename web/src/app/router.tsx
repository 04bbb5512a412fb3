import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { session } from '@/shared/api/session'
import { validateFlagListSearch } from '@/shared/flags/listSearch'
import { meQuery } from '@/shared/project/me'
import { NotFoundPage, RouteErrorPage, RoutePending } from './layout/RouteStates'
import { PlainShell } from './layout/PlainShell'
import { SignedIn } from './layout/SignedIn'
import { queryClient } from './queryClient'
import { validateAuditSearch, validateCompareSearch } from './search'

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage })

/** The router reads `?flag=7` as a number; keys that look like numbers are texts all the same. */
const text = (value: unknown) =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const record = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { to?: string; error?: string; requestId?: string } => ({
    to: text(search.to),
    error: text(search.error),
    requestId: text(search.requestId),
  }),
  component: lazyRouteComponent(() => import('@/features/auth/LoginPage'), 'LoginPage'),
})

/** Where identity providers lead that were opened beside a page which asked to sign in again. */
const besideRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signed-in',
  beforeLoad: async () => {
    if ((await session.restore()) !== 'signedIn') {
      throw redirect({ to: '/login' })
    }
    session.announce()
    window.close()
  },
  component: lazyRouteComponent(() => import('@/features/auth/SignedInPage'), 'SignedInPage'),
})

const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('@/features/auth/ForgotPasswordPage'), 'ForgotPasswordPage'),
})

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password/$token',
  component: lazyRouteComponent(() => import('@/features/auth/ResetPasswordPage'), 'ResetPasswordPage'),
})

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitations/$token',
  component: lazyRouteComponent(() => import('@/features/auth/InvitationPage'), 'InvitationPage'),
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signedIn',
  beforeLoad: async ({ location }) => {
    const state = await session.restore()
    if (state !== 'signedIn' && state !== 'expired') {
      throw redirect({ to: '/login', search: { to: location.href === '/' ? undefined : location.href } })
    }
    const me = await queryClient.ensureQueryData(meQuery)
    if (me.mustChangePassword && location.pathname !== '/password') {
      throw redirect({ to: '/password' })
    }
    const org = /^\/[po]\/([^/]+)/.exec(location.pathname)?.[1]
    if (me.organizations.some((item) => item.key === org && item.requirement !== null)) {
      throw redirect({ to: '/requirement/$org', params: { org: org ?? '' }, search: { to: location.href } })
    }
  },
  component: SignedIn,
})

const plainRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'plain',
  component: PlainShell,
})

const requirementRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/requirement/$org',
  validateSearch: (search: Record<string, unknown>): { to?: string } => ({ to: text(search.to) }),
  component: lazyRouteComponent(() => import('@/features/account/RequirementPage'), 'RequirementPage'),
})

const accountRoute = createRoute({
  getParentRoute: () => plainRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/AccountPage'), 'AccountPage'),
})

const accountHomeRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/account/ProfilePage'), 'ProfilePage'),
})

const accountPasswordRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/password',
  component: lazyRouteComponent(() => import('@/features/account/PasswordPage'), 'PasswordPage'),
})

const accountTwoFactorRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/two-factor',
  component: lazyRouteComponent(() => import('@/features/account/TwoFactorPage'), 'TwoFactorPage'),
})

const accountSessionsRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/sessions',
  component: lazyRouteComponent(() => import('@/features/account/SessionsPage'), 'SessionsPage'),
})

const accountTokensRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/tokens',
  component: lazyRouteComponent(() => import('@/features/account/TokensPage'), 'TokensPage'),
})

const accountNotificationsRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: '/notifications',
  component: lazyRouteComponent(() => import('@/features/inbox/PreferencesPage'), 'PreferencesPage'),
})

const inboxRoute = createRoute({
  getParentRoute: () => plainRoute,
  path: '/inbox',
  component: lazyRouteComponent(() => import('@/features/inbox/InboxPage'), 'InboxPage'),
})

const passwordRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/password',
  component: lazyRouteComponent(() => import('@/features/auth/ChangePasswordPage'), 'ChangePasswordPage'),
})

const homeRoute = createRoute({
  getParentRoute: () => plainRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { org?: string } => ({ org: text(search.org) }),
  component: lazyRouteComponent(() => import('@/features/projects/HomePage'), 'HomePage'),
})

const projectRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/p/$org/$project',
  validateSearch: (search: Record<string, unknown>): { env?: string } => ({ env: text(search.env) }),
  search: { middlewares: [retainSearchParams(['env'])] },
  component: lazyRouteComponent(() => import('./layout/Shell'), 'Shell'),
})

const overviewRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/overview/OverviewPage'), 'OverviewPage'),
})

const connectRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/connect',
  component: lazyRouteComponent(() => import('@/features/connect/ConnectPage'), 'ConnectPage'),
})

const flagsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/flags',
  validateSearch: validateFlagListSearch,
  component: lazyRouteComponent(() => import('@/features/flags/list/FlagListPage'), 'FlagListPage'),
})

const flagRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/flags/$flag',
  validateSearch: (search: Record<string, unknown>): { tab?: string; ramp?: string } => ({ tab: text(search.tab), ramp: text(search.ramp) }),
  component: lazyRouteComponent(() => import('@/features/flags/page/FlagPage'), 'FlagPage'),
})

const segmentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/segments',
  validateSearch: (search: Record<string, unknown>): { search?: string } => ({ search: text(search.search) }),
  component: lazyRouteComponent(() => import('@/features/segments/SegmentListPage'), 'SegmentListPage'),
})

const segmentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/segments/$segment',
  component: lazyRouteComponent(() => import('@/features/segments/SegmentPage'), 'SegmentPage'),
})

const evaluateRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/evaluate',
  validateSearch: (
    search: Record<string, unknown>,
  ): { flag?: string; context?: Record<string, unknown>; at?: string; revision?: number; in?: 'all' } => ({
    flag: text(search.flag),
    context: record(search.context),
    at: text(search.at),
    revision: typeof search.revision === 'number' && search.revision >= 1 ? Math.trunc(search.revision) : undefined,
    in: search.in === 'all' ? 'all' : undefined,
  }),
  component: lazyRouteComponent(() => import('@/features/evaluate/EvaluatePage'), 'EvaluatePage'),
})

const environmentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/environments',
  component: lazyRouteComponent(() => import('@/features/environments/EnvironmentsPage'), 'EnvironmentsPage'),
})

const compareRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/environments/compare',
  validateSearch: validateCompareSearch,
  component: lazyRouteComponent(() => import('@/features/environments/compare/ComparePage'), 'ComparePage'),
})

const projectSettingsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/projectSettings/ProjectSettingsPage'), 'ProjectSettingsPage'),
})

const projectGeneralRoute = createRoute({
  getParentRoute: () => projectSettingsRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/projectSettings/GeneralPage'), 'GeneralPage'),
})

const attributesRoute = createRoute({
  getParentRoute: () => projectSettingsRoute,
  path: '/attributes',
  component: lazyRouteComponent(() => import('@/features/projectSettings/AttributesPage'), 'AttributesPage'),
})

const tagsRoute = createRoute({
  getParentRoute: () => projectSettingsRoute,
  path: '/tags',
  component: lazyRouteComponent(() => import('@/features/projectSettings/LabelsPage'), 'TagsPage'),
})

const categoriesRoute = createRoute({
  getParentRoute: () => projectSettingsRoute,
  path: '/categories',
  component: lazyRouteComponent(() => import('@/features/projectSettings/LabelsPage'), 'CategoriesPage'),
})

const projectNotificationsRoute = createRoute({
  getParentRoute: () => projectSettingsRoute,
  path: '/notifications',
  component: lazyRouteComponent(() => import('@/features/notifications/ProjectNotificationsPage'), 'ProjectNotificationsPage'),
})

const changesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/changes',
  validateSearch: (search: Record<string, unknown>): { which?: 'review' | 'mine' | 'open' | 'all' } => ({
    which: search.which === 'mine' || search.which === 'open' || search.which === 'all' ? search.which : undefined,
  }),
  component: lazyRouteComponent(() => import('@/features/changes/ChangeRequestsPage'), 'ChangeRequestsPage'),
})

const changePoliciesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/changes/policies',
  component: lazyRouteComponent(() => import('@/features/changes/ChangePoliciesPage'), 'ChangePoliciesPage'),
})

const changeRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/changes/$number',
  component: lazyRouteComponent(() => import('@/features/changes/ChangeRequestPage'), 'ChangeRequestPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/audit',
  validateSearch: validateAuditSearch,
  component: lazyRouteComponent(() => import('@/features/audit/ProjectAuditPage'), 'ProjectAuditPage'),
})

const experimentStates = ['draft', 'running', 'paused', 'stopped', 'decided', 'archived'] as const

const experimentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/experiments',
  validateSearch: (search: Record<string, unknown>): { search?: string; state?: (typeof experimentStates)[number]; in?: string; flag?: string } => ({
    search: text(search.search),
    state: experimentStates.find((state) => state === search.state),
    in: text(search.in),
    flag: text(search.flag),
  }),
  component: lazyRouteComponent(() => import('@/features/experiments/ExperimentListPage'), 'ExperimentListPage'),
})

const experimentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/experiments/$experiment',
  component: lazyRouteComponent(() => import('@/features/experiments/ExperimentPage'), 'ExperimentPage'),
})

const experimentDesignRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/experiments/$experiment/design',
  component: lazyRouteComponent(() => import('@/features/experiments/DesignPage'), 'DesignPage'),
})

const metricsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/metrics',
  component: lazyRouteComponent(() => import('@/features/experiments/MetricsPage'), 'MetricsPage'),
})

const layersRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/layers',
  component: lazyRouteComponent(() => import('@/features/experiments/LayersPage'), 'LayersPage'),
})

const schedulesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/schedules',
  validateSearch: (search: Record<string, unknown>): { range?: 'day' | 'week' | 'month'; day?: string; in?: string } => ({
    range: search.range === 'day' || search.range === 'month' ? search.range : undefined,
    day: typeof search.day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(search.day) && !Number.isNaN(Date.parse(search.day)) ? search.day : undefined,
    in: text(search.in),
  }),
  component: lazyRouteComponent(() => import('@/features/schedules/SchedulesPage'), 'SchedulesPage'),
})

const healthRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/health',
  validateSearch: (search: Record<string, unknown>): { view?: 'incidents' | 'report' | 'settings'; in?: string } => ({
    view: search.view === 'incidents' || search.view === 'report' || search.view === 'settings' ? search.view : undefined,
    in: text(search.in),
  }),
  component: lazyRouteComponent(() => import('@/features/health/HealthPage'), 'HealthPage'),
})

const analyticsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/analytics',
  validateSearch: (search: Record<string, unknown>): { view?: 'unknown' | 'attributes'; range?: '1h' | '7d' | '30d' } => ({
    view: search.view === 'unknown' || search.view === 'attributes' ? search.view : undefined,
    range: search.range === '1h' || search.range === '7d' || search.range === '30d' ? search.range : undefined,
  }),
  component: lazyRouteComponent(() => import('@/features/analytics/AnalyticsPage'), 'AnalyticsPage'),
})

const eventsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/events',
  validateSearch: (search: Record<string, unknown>): { view?: 'refused' } => ({ view: search.view === 'refused' ? 'refused' : undefined }),
  component: lazyRouteComponent(() => import('@/features/events/EventsPage'), 'EventsPage'),
})

const incidentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/incidents/$number',
  component: lazyRouteComponent(() => import('@/features/health/IncidentPage'), 'IncidentPage'),
})

const organizationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/o/$org',
  component: lazyRouteComponent(() => import('./layout/OrganizationShell'), 'OrganizationShell'),
})

const organizationHomeRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/o/$org/members', params, search: {}, replace: true })
  },
})

const membersRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/members',
  validateSearch: (
    search: Record<string, unknown>,
  ): { search?: string; role?: string; group?: string; status?: 'active' | 'deactivated'; tab?: string } => ({
    search: text(search.search),
    role: text(search.role),
    group: text(search.group),
    status: search.status === 'active' || search.status === 'deactivated' ? search.status : undefined,
    tab: text(search.tab),
  }),
  component: lazyRouteComponent(() => import('@/features/organization/members/MembersPage'), 'MembersPage'),
})

const memberRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/members/$id',
  component: lazyRouteComponent(() => import('@/features/organization/members/MemberPage'), 'MemberPage'),
})

const groupsRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/groups',
  component: lazyRouteComponent(() => import('@/features/organization/groups/GroupsPage'), 'GroupsPage'),
})

const groupRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/groups/$group',
  component: lazyRouteComponent(() => import('@/features/organization/groups/GroupPage'), 'GroupPage'),
})

const rolesRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/roles',
  component: lazyRouteComponent(() => import('@/features/organization/roles/RolesPage'), 'RolesPage'),
})

const roleRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/roles/$role',
  component: lazyRouteComponent(() => import('@/features/organization/roles/RolePage'), 'RolePage'),
})

const serviceAccountsRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/service-accounts',
  component: lazyRouteComponent(() => import('@/features/organization/serviceAccounts/ServiceAccountsPage'), 'ServiceAccountsPage'),
})

const serviceAccountRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/service-accounts/$id',
  component: lazyRouteComponent(() => import('@/features/organization/serviceAccounts/ServiceAccountPage'), 'ServiceAccountPage'),
})

const signInRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('@/features/organization/signIn/ProvidersPage'), 'ProvidersPage'),
})

const providerRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/sign-in/$provider',
  component: lazyRouteComponent(() => import('@/features/organization/signIn/ProviderPage'), 'ProviderPage'),
})

const createProviderRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/sign-in/create/$kind',
  component: lazyRouteComponent(() => import('@/features/organization/signIn/CreateProviderPage'), 'CreateProviderPage'),
})

const securityRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/security',
  component: lazyRouteComponent(() => import('@/features/organization/general/SecurityPage'), 'SecurityPage'),
})

const generalRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/general',
  component: lazyRouteComponent(() => import('@/features/organization/general/GeneralPage'), 'GeneralPage'),
})

const organizationNotificationsRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/notifications',
  component: lazyRouteComponent(() => import('@/features/notifications/OrganizationNotificationsPage'), 'OrganizationNotificationsPage'),
})

const organizationAuditRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/audit',
  validateSearch: validateAuditSearch,
  component: lazyRouteComponent(() => import('@/features/audit/OrganizationAuditPage'), 'OrganizationAuditPage'),
})

const systemRoute = createRoute({
  getParentRoute: () => organizationRoute,
  path: '/system',
  component: lazyRouteComponent(() => import('@/features/organization/system/SystemPage'), 'SystemPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    besideRoute,
    forgotPasswordRoute,
    resetPasswordRoute,
    invitationRoute,
    signedInRoute.addChildren([
      plainRoute.addChildren([
        homeRoute,
        inboxRoute,
        accountRoute.addChildren([
          accountHomeRoute,
          accountPasswordRoute,
          accountTwoFactorRoute,
          accountSessionsRoute,
          accountTokensRoute,
          accountNotificationsRoute,
        ]),
      ]),
      passwordRoute,
      requirementRoute,
      projectRoute.addChildren([
        overviewRoute,
        connectRoute,
        flagsRoute,
        flagRoute,
        segmentsRoute,
        segmentRoute,
        evaluateRoute,
        environmentsRoute,
        compareRoute,
        schedulesRoute,
        experimentsRoute,
        experimentRoute,
        experimentDesignRoute,
        metricsRoute,
        layersRoute,
        healthRoute,
        analyticsRoute,
        eventsRoute,
        incidentRoute,
        changesRoute,
        changePoliciesRoute,
        changeRoute,
        auditRoute,
        projectSettingsRoute.addChildren([projectGeneralRoute, attributesRoute, tagsRoute, categoriesRoute, projectNotificationsRoute]),
      ]),
      organizationRoute.addChildren([
        organizationHomeRoute,
        membersRoute,
        memberRoute,
        groupsRoute,
        groupRoute,
        rolesRoute,
        roleRoute,
        serviceAccountsRoute,
        serviceAccountRoute,
        signInRoute,
        providerRoute,
        createProviderRoute,
        securityRoute,
        generalRoute,
        organizationAuditRoute,
        organizationNotificationsRoute,
        systemRoute,
      ]),
    ]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: RouteErrorPage,
  defaultPendingComponent: RoutePending,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
