import { ActionIcon, Avatar, Menu, Stack, Text, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconBuilding, IconCheck, IconDeviceDesktop, IconKey, IconLogout, IconMoon, IconSun, IconUserCog } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { session } from '@/shared/api/session'
import { languages, useLanguage, useMessages, type Language, type Messages } from '@/shared/i18n/messages'
import { useChooseLanguage } from '@/shared/project/language'
import { meQuery } from '@/shared/project/me'

const themes = [
  { value: 'light', icon: IconSun, label: (m: Messages) => m.app.themeLight },
  { value: 'dark', icon: IconMoon, label: (m: Messages) => m.app.themeDark },
  { value: 'auto', icon: IconDeviceDesktop, label: (m: Messages) => m.app.themeAuto },
]

/** The person's menu: theme, language, password, sign out. */
export function UserMenu() {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { language } = useLanguage()
  const choose = useChooseLanguage()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { org: shown } = useParams({ strict: false })
  const org = shown ?? me?.organizations[0]?.key

  const signOut = async () => {
    await session.logout()
    queryClient.clear()
    await navigate({ to: '/login', search: {} })
  }

  return (
    // Within the header: what is outside of every landmark is not found by way of them.
    <Menu position="bottom-end" width={250} withinPortal={false} styles={{ dropdown: { maxHeight: '85dvh', overflowY: 'auto' } }}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" radius="xl">
          <VisuallyHidden>{m.app.account}</VisuallyHidden>
          <Avatar aria-hidden size={30} radius="xl" name={me?.name || me?.email} color="brand" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Stack gap={0} px="sm" py={6}>
          <Text size="sm" fw={600} truncate>
            {me?.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {me?.email}
          </Text>
        </Stack>
        <Menu.Divider />
        <div role="group" aria-label={m.app.theme}>
          <Menu.Label aria-hidden>{m.app.theme}</Menu.Label>
          <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}>
            {themes.map(({ value, icon: Icon, label }) => (
              <Menu.RadioItem key={value} value={value} closeMenuOnClick={false} checkIcon={<IconCheck size={15} aria-hidden />} rightSection={<Icon size={16} stroke={1.7} aria-hidden />}>
                {label(m)}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </div>
        <Menu.Divider />
        <div role="group" aria-label={m.app.language}>
          <Menu.Label aria-hidden>{m.app.language}</Menu.Label>
          <Menu.RadioGroup value={language} onChange={(value) => choose(value as Language)}>
            {languages.map(({ code, name }) => (
              <Menu.RadioItem key={code} value={code} lang={code} closeMenuOnClick={false} checkIcon={<IconCheck size={15} aria-hidden />}>
                {name}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCog size={16} aria-hidden />}>
          {m.account.title}
        </Menu.Item>
        <Menu.Item component={Link} to="/account/tokens" leftSection={<IconKey size={16} aria-hidden />}>
          {m.tokens.title}
        </Menu.Item>
        {org !== undefined && (
          <Menu.Item
            renderRoot={(props) => <Link to="/o/$org" params={{ org }} {...props} />}
            leftSection={<IconBuilding size={16} aria-hidden />}
          >
            {m.organization.title}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
          {m.app.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
