import { Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments } from '@/shared/project/scope'
import { SeenAttributes } from './SeenAttributes'
import { useAnalyticsTexts } from './texts/useAnalyticsTexts'
import { UnknownFlags } from './UnknownFlags'
import { Usage } from './Usage'

const route = getRouteApi('/signedIn/p/$org/$project/analytics')
const views = ['usage', 'unknown', 'attributes'] as const
const ranges = ['1h', '24h', '7d', '30d'] as const

/** How flags are used in an environment: evaluations, users, outcomes, and what is asked for that is not there. */
export function AnalyticsPage() {
  const m = useMessages()
  const t = useAnalyticsTexts()
  const scope = route.useParams()
  const { view = 'usage', range = '24h' } = route.useSearch()
  const navigate = route.useNavigate()
  const { current } = useEnvironments()
  return (
    <Stack p="md" maw={1280}>
      <div>
        <Title order={1} size="h3">
          {m.events.analytics}
        </Title>
        {current && <Text c="dimmed">{t.subtitle(current.name)}</Text>}
      </div>
      <Group justify="space-between" gap="sm">
        <SegmentedControl
          aria-label={t.view}
          value={view}
          onChange={(next) => void navigate({ search: (previous) => ({ ...previous, view: next === 'usage' ? undefined : (next as 'unknown' | 'attributes') }), replace: true })}
          data={views.map((value) => ({ value, label: t.views[value] }))}
        />
        {view === 'usage' && (
          <SegmentedControl
            size="xs"
            aria-label={t.range}
            value={range}
            onChange={(next) => void navigate({ search: (previous) => ({ ...previous, range: next === '24h' ? undefined : (next as '1h' | '7d' | '30d') }), replace: true })}
            data={ranges.map((value) => ({ value, label: t.ranges[value] ?? value }))}
          />
        )}
      </Group>
      {view === 'attributes' ? (
        <SeenAttributes scope={scope} />
      ) : (
        current && (view === 'unknown' ? <UnknownFlags scope={scope} environment={current.key} /> : <Usage key={current.key} scope={scope} environment={current} range={range} />)
      )}
    </Stack>
  )
}
