import { ActionIcon, Avatar, Menu, SegmentedControl, Stack, Text, useMantineColorScheme, VisuallyHidden } from '@mantine/core'
import { IconBuilding, IconKey, IconLogout, IconUserCog } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { session } from '@/shared/api/session'
import { languages, useLanguage, useMessages, type Language } from '@/shared/i18n/messages'
import { useChooseLanguage } from '@/shared/project/language'
import { meQuery } from '@/shared/project/me'

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
    // With a placeholder for the focus: else the theme's choice would take it, and the arrow keys would change the theme.
    <Menu position="bottom-end" width={270} closeOnItemClick withInitialFocusPlaceholder>
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
        <Menu.Label>{m.app.theme}</Menu.Label>
        <SegmentedControl
          mx="xs"
          size="xs"
          fullWidth
          aria-label={m.app.theme}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
          data={[
            { value: 'light', label: m.app.themeLight },
            { value: 'dark', label: m.app.themeDark },
            { value: 'auto', label: m.app.themeAuto },
          ]}
        />
        <Menu.Label mt={4}>{m.app.language}</Menu.Label>
        <SegmentedControl
          mx="xs"
          mb="xs"
          size="xs"
          fullWidth
          aria-label={m.app.language}
          value={language}
          onChange={(value) => choose(value as Language)}
          data={languages.map(({ code, name }) => ({ value: code, label: name }))}
        />
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
