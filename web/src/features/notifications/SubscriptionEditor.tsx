import { ActionIcon, Button, Group, MultiSelect, Select, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { useMessages } from '@/shared/audit/texts/messages'
import { projectsQuery } from '@/shared/project/me'
import { eventsQuery, type Place } from './api'
import { eventText } from './eventText'
import { useTexts } from './texts/useTexts'

export type SubscriptionDraft = { project: string | null; environment: string | null; events: string[] }

const most = 20

const environmentNamesQuery = (org: string, project: string) =>
  queryOptions({
    queryKey: ['environments', org, project, 'names'],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/environments', { params: { path: { org, project } } }))).items.map(({ key, name }) => ({
        value: key,
        label: name || key,
      })),
  })

type Props = { place: Place; value: SubscriptionDraft[]; onChange: (value: SubscriptionDraft[]) => void }

/** What a destination is told: groups of events or single ones, perhaps of one project and environment only. */
export function SubscriptionEditor({ place, value, onChange }: Props) {
  const t = useTexts()
  return (
    <Stack gap="xs" role="group" aria-label={t.what}>
      <Text size="sm" fw={500}>
        {t.what}
      </Text>
      {value.map((item, i) => (
        <SubscriptionRow
          key={i}
          place={place}
          value={item}
          onChange={(next) => onChange(value.map((other, j) => (j === i ? next : other)))}
          onRemove={value.length > 1 ? () => onChange(value.filter((_, j) => j !== i)) : undefined}
        />
      ))}
      {value.length < most && (
        <Group>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => onChange([...value, { project: null, environment: null, events: [] }])}
          >
            {t.addSubscription}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

type RowProps = { place: Place; value: SubscriptionDraft; onChange: (value: SubscriptionDraft) => void; onRemove?: () => void }

function SubscriptionRow({ place, value, onChange, onRemove }: RowProps) {
  const m = useMessages()
  const t = useTexts()
  const { data: groups = [] } = useQuery(eventsQuery(place))
  const { data: projects = [] } = useQuery({ ...projectsQuery(place.org), enabled: place.project === null })
  const project = place.project ?? value.project
  const { data: environments = [] } = useQuery({ ...environmentNamesQuery(place.org, project ?? ''), enabled: project !== null })
  return (
    <div className="surface" style={{ padding: 'var(--mantine-spacing-sm)' }}>
      <Group align="flex-end" wrap="nowrap" mb="xs">
        <Group grow style={{ flex: 1 }}>
          {place.project === null && (
            <Select
              label={t.project}
              placeholder={t.everyProject}
              data={projects.map(({ key, name }) => ({ value: key, label: name }))}
              value={value.project}
              clearable
              searchable
              onChange={(next) => onChange({ ...value, project: next, environment: null })}
            />
          )}
          <Select
            label={t.environment}
            placeholder={t.everyEnvironment}
            data={environments}
            value={value.environment}
            clearable
            disabled={project === null}
            onChange={(environment) => onChange({ ...value, environment })}
          />
        </Group>
        {onRemove !== undefined && (
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t.removeSubscription} onClick={onRemove}>
            <IconTrash size={17} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      <MultiSelect
        label={t.events}
        description={value.environment !== null ? t.environmentHint : undefined}
        searchable
        hidePickedOptions
        data={groups.map(({ key, events }) => ({
          group: (t.groups as Record<string, string>)[key] ?? key,
          items: [key, ...events].map((event) => ({ value: event, label: eventText(event, t, m) })),
        }))}
        value={value.events}
        onChange={(events) => onChange({ ...value, events })}
      />
    </div>
  )
}
