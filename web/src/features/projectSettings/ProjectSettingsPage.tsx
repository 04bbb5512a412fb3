import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { may, meQuery, projectsQuery } from '@/shared/project/me'
import { useScope } from '@/shared/project/scope'
import classes from './ProjectSettingsPage.module.css'

const links = [
  { to: '/p/$org/$project/settings', label: (m: Messages) => m.projectSettings.general, needs: 'project.view' },
  { to: '/p/$org/$project/settings/attributes', label: (m: Messages) => m.attributes.title, needs: 'project.view' },
  { to: '/p/$org/$project/settings/tags', label: (m: Messages) => m.labels.tags, needs: 'project.view' },
  { to: '/p/$org/$project/settings/categories', label: (m: Messages) => m.labels.categories, needs: 'project.view' },
  { to: '/p/$org/$project/settings/notifications', label: (m: Messages) => m.inbox.notifications, needs: 'notification.manage' },
] as const

/** The frame of what belongs to a whole project. */
export function ProjectSettingsPage() {
  const m = useMessages()
  const scope = useScope()
  const nav = useRef<HTMLElement>(null)
  const { data: me } = useQuery(meQuery)
  const { data: projects } = useQuery(projectsQuery(scope.org))
  const path = useRouterState({ select: (state) => state.location.pathname })
  // On a narrow window the links are a strip: the current one must be in sight.
  useEffect(() => nav.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [path])
  return (
    <div className={classes.page}>
      <Title order={1} size="h3">
        {m.projectSettings.title}
      </Title>
      <Text c="dimmed" size="sm" truncate>
        {projects?.find(({ key }) => key === scope.project)?.name ?? scope.project}
      </Text>
      <nav className={classes.nav} aria-label={m.projectSettings.title} ref={nav}>
        {links
          .filter(({ needs }) => may(me, needs, scope))
          .map(({ to, label }) => (
          <Link key={to} to={to} params={scope} activeOptions={{ exact: true, includeSearch: false }}>
            {label(m)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </div>
  )
}
