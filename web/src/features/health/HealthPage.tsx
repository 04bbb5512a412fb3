import { Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments } from '@/shared/project/scope'
import { Board } from './Board'
import { IncidentList } from './IncidentList'
import { ProjectSettings } from './ProjectSettings'
import { Report } from './Report'

const route = getRouteApi('/signedIn/p/$org/$project/health')
const views = ['board', 'incidents', 'report', 'settings'] as const

/** How the flags of a project do, what happened to them, and when errors are too many. */
export function HealthPage() {
  const m = useMessages()
  const t = useHealthTexts()
  const scope = route.useParams()
  const { view = 'board', in: environment } = route.useSearch()
  const navigate = route.useNavigate()
  const { environments } = useEnvironments()
  return (
    <Stack p="md" maw={1280}>
      <div>
        <Title order={1} size="h3">
          {m.health.title}
        </Title>
        <Text c="dimmed">{t.subtitle}</Text>
      </div>
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t.view}
          value={view}
          onChange={(next) => void navigate({ search: (previous) => ({ ...previous, view: next === 'board' ? undefined : (next as 'report') }), replace: true })}
          data={views.map((value) => ({ value, label: t.views[value] }))}
        />
        {(view === 'board' || view === 'report') && (
          <Select
            aria-label={t.environment}
            allowDeselect={false}
            value={environment ?? ''}
            onChange={(value) => void navigate({ search: (previous) => ({ ...previous, in: value === '' || value === null ? undefined : value }), replace: true })}
            data={[{ value: '', label: t.allEnvironments }, ...environments.map(({ key, name }) => ({ value: key, label: name }))]}
          />
        )}
      </Group>
      {view === 'board' && <Board scope={scope} environment={environment} />}
      {view === 'incidents' && <IncidentList scope={scope} />}
      {view === 'report' && <Report scope={scope} environment={environment} />}
      {view === 'settings' && <ProjectSettings scope={scope} />}
    </Stack>
  )
}
