import { AppShell, Box, Group } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { Logo } from '@/shared/components/Logo'
import { useMessages } from '@/shared/i18n/messages'
import { SearchButton } from '../palette/SearchButton'
import { InboxBell } from './InboxBell'
import { UserMenu } from './UserMenu'

/** The frame of pages that belong to no project or organization. */
export function PlainShell() {
  const m = useMessages()
  return (
    <>
      <a className="skip-link" href="#content">
        {m.app.skip}
      </a>
      <AppShell header={{ height: 56 }} padding={0} styles={{ header: { background: 'var(--mantine-color-body)' } }}>
        <AppShell.Header>
          <Group h={55} px="md" gap="sm" wrap="nowrap">
            <Link to="/" title={m.errors.goHome} style={{ color: 'inherit', textDecoration: 'none' }}>
              <Logo />
            </Link>
            <Box flex={1} />
            <SearchButton />
            <InboxBell />
            <UserMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Main id="content">
          <Outlet />
        </AppShell.Main>
      </AppShell>
    </>
  )
}
