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

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

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

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    loginRoute,
    signedInRoute.addChildren([
      homeRoute,
      passwordRoute,
      projectRoute.addChildren([
        flagsRoute,
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
