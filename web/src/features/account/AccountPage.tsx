import { Button, Group, Title } from '@mantine/core'
import { IconArrowLeft, IconBell, IconDeviceLaptop, IconKey, IconPassword, IconShieldLock, IconUser, type TablerIcon } from '@tabler/icons-react'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import classes from './AccountPage.module.css'

const links = [
  { to: '/account', label: (m: Messages) => m.account.profile, icon: IconUser },
  { to: '/account/notifications', label: (m: Messages) => m.inbox.notifications, icon: IconBell },
  { to: '/account/password', label: (m: Messages) => m.account.password, icon: IconPassword },
  { to: '/account/two-factor', label: (m: Messages) => m.twoFactor.title, icon: IconShieldLock },
  { to: '/account/sessions', label: (m: Messages) => m.sessions.title, icon: IconDeviceLaptop },
  { to: '/account/tokens', label: (m: Messages) => m.tokens.title, icon: IconKey },
] as const satisfies { to: string; label: (m: Messages) => string; icon: TablerIcon }[]

/** The frame of what people decide about themselves. */
export function AccountPage() {
  const m = useMessages()
  const nav = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  // On a narrow window the links are a strip: the current one must be in sight.
  useEffect(() => nav.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [path])
  return (
    <div className={classes.page}>
      <Group justify="space-between" style={{ gridColumn: '1 / -1' }} mb={-8}>
        <Title order={1} size="h3">
          {m.account.title}
        </Title>
        <Button component={Link} to="/" variant="default" leftSection={<IconArrowLeft size={16} aria-hidden />}>
          {m.errors.goHome}
        </Button>
      </Group>
      <nav className={classes.nav} aria-label={m.account.title} ref={nav}>
        {links.map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} className="nav-link" activeOptions={{ exact: true }}>
            <Icon size={19} stroke={1.7} aria-hidden />
            {label(m)}
          </Link>
        ))}
      </nav>
      <div style={{ minWidth: 0 }}>
        <Outlet />
      </div>
    </div>
  )
}
