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
import { meQuery } from '@/shared/project/me'
import { NotFoundPage, RouteErrorPage, RoutePending } from './layout/RouteStates'
import { queryClient } from './queryClient'
import { validateFlagListSearch } from './search'

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage })

/** The router reads `?flag=7` as a number; keys that look like numbers are texts all the same. */
const text = (value: unknown) =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const record = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { to?: string } => ({ to: text(search.to) }),
  component: lazyRouteComponent(() => import('@/features/auth/LoginPage'), 'LoginPage'),
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
  },
})

const passwordRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/password',
  component: lazyRouteComponent(() => import('@/features/auth/ChangePasswordPage'), 'ChangePasswordPage'),
})

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/projects/HomePage'), 'HomePage'),
})

const projectRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/p/$org/$project',
  validateSearch: (search: Record<string, unknown>): { env?: string } => ({ env: text(search.env) }),
  search: { middlewares: [retainSearchParams(['env'])] },
  component: lazyRouteComponent(() => import('./layout/Shell'), 'Shell'),
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
  validateSearch: (search: Record<string, unknown>): { tab?: string } => ({ tab: text(search.tab) }),
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
  validateSearch: (search: Record<string, unknown>): { flag?: string; context?: Record<string, unknown>; at?: string } => ({
    flag: text(search.flag),
    context: record(search.context),
    at: text(search.at),
  }),
  component: lazyRouteComponent(() => import('@/features/evaluate/EvaluatePage'), 'EvaluatePage'),
})

const environmentsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/environments',
  component: lazyRouteComponent(() => import('@/features/environments/EnvironmentsPage'), 'EnvironmentsPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/audit',
  validateSearch: (
    search: Record<string, unknown>,
  ): { entity?: string; entityKey?: string; environment?: string; action?: string; from?: string; to?: string } => ({
    entity: text(search.entity),
    entityKey: text(search.entityKey),
    environment: text(search.environment),
    action: text(search.action),
    from: text(search.from),
    to: text(search.to),
  }),
  component: lazyRouteComponent(() => import('@/features/audit/AuditPage'), 'AuditPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    signedInRoute.addChildren([
      homeRoute,
      passwordRoute,
      projectRoute.addChildren([
        flagsRoute,
        flagRoute,
        segmentsRoute,
        segmentRoute,
        evaluateRoute,
        environmentsRoute,
        auditRoute,
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
