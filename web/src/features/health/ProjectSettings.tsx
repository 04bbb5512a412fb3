import { Button, Group, Menu, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconPencil, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { settingsQuery, useHealthSettings, type HealthPlace, type HealthSettingsView } from '@/shared/health/api'
import { SettingsDialog } from '@/shared/health/SettingsDialog'
import { SettingsText } from '@/shared/health/SettingsText'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments, type Scope } from '@/shared/project/scope'

type Editing = { place: HealthPlace; name: string; settings: HealthSettingsView; isInherited: boolean }

/** When errors are too many in a project, and where something else is said. */
export function ProjectSettings({ scope }: { scope: Scope }) {
  const t = useHealthTexts()
  const canManage = useCan('project.manage', scope)
  const { environments } = useEnvironments()
  const settings = useQuery(settingsQuery(scope))
  const [editing, setEditing] = useState<Editing | null>(null)
  if (settings.data === undefined) {
    return settings.isError ? <ErrorState error={settings.error} onRetry={() => void settings.refetch()} /> : <Skeleton h={240} />
  }
  const { project, isBuiltIn, environments: places, flags } = settings.data
  const nameOf = (key: string | null) => environments.find((item) => item.key === key)?.name ?? key ?? ''
  const left = environments.filter(({ key }) => !places.some((item) => item.environment === key))
  return (
    <Stack>
      <Paper className="surface" p="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap" mb="xs">
          <div>
            <Title order={2} size="h5">
              {t.projectSettings}
            </Title>
            <Text size="sm" c="dimmed">
              {isBuiltIn ? `${t.sources.builtIn}. ` : ''}
              {t.projectSettingsText}
            </Text>
          </div>
          {canManage && (
            <Button variant="default" size="compact-sm" leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setEditing({ place: {}, name: t.projectSettings, settings: project, isInherited: isBuiltIn })}>
              {t.change}
            </Button>
          )}
        </Group>
        <SettingsText settings={project} />
        {canManage && !isBuiltIn && <Reset scope={scope} place={{}} />}
      </Paper>
      <Paper className="surface" p="md">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h5">
            {t.environmentSettings}
          </Title>
          {canManage && left.length > 0 && (
            <Menu>
              <Menu.Target>
                <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />}>
                  {t.addEnvironment}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {left.map(({ key, name }) => (
                  <Menu.Item key={key} onClick={() => setEditing({ place: { environment: key }, name, settings: project, isInherited: true })}>
                    {name}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
        {places.length === 0 && <Text size="sm" c="dimmed">{t.none}</Text>}
        <Stack gap="md">
          {places.map((item) => (
            <div key={item.environment}>
              <Group gap="xs" mb={4}>
                <Title order={3} size="h6">{nameOf(item.environment)}</Title>
                {canManage && item.environment !== null && (
                  <>
                    <Button variant="subtle" size="compact-xs" aria-label={`${t.change}: ${nameOf(item.environment)}`} onClick={() => setEditing({ place: { environment: item.environment ?? '' }, name: nameOf(item.environment), settings: item, isInherited: false })}>
                      {t.change}
                    </Button>
                    <Reset scope={scope} place={{ environment: item.environment }} />
                  </>
                )}
              </Group>
              <SettingsText settings={item} />
            </div>
          ))}
        </Stack>
      </Paper>
      <Paper className="surface" p="md">
        <Title order={2} size="h5" mb="xs">
          {t.flagSettings}
        </Title>
        {flags.length === 0 && <Text size="sm" c="dimmed">{t.none}</Text>}
        <Stack gap="md">
          {flags.map((item) => (
            <div key={`${item.flag} ${item.environment}`}>
              <Text component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: item.flag ?? '' } as never} search={{ tab: 'health', env: item.environment } as never} size="sm" fw={600} c="var(--mantine-color-anchor)" style={{ overflowWrap: 'anywhere' }}>
                {item.flag}, {nameOf(item.environment)}
              </Text>
              <SettingsText settings={item} />
            </div>
          ))}
        </Stack>
      </Paper>
      {editing && <SettingsDialog scope={scope} {...editing} onClose={() => setEditing(null)} />}
    </Stack>
  )
}

function Reset({ scope, place }: { scope: Scope; place: HealthPlace }) {
  const m = useMessages()
  const t = useHealthTexts()
  const { reset } = useHealthSettings(scope, place)
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      loading={reset.isPending}
      onClick={() => reset.mutate(undefined, { onSuccess: () => showDone(t.resetDone, m), onError: (error) => showError(m.errors.title, error, m) })}
    >
      {t.reset}
    </Button>
  )
}
