import { Button, Group, Select, Skeleton, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFlask, IconPlus, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyKey } from '@/shared/components/CopyKey'
import { EmptyState } from '@/shared/components/EmptyState'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ListFrame } from '@/shared/components/ListFrame'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useStays } from '@/shared/components/useStays'
import { useLanguage } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { useCanSomewhere } from '@/shared/project/me'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { experimentsQuery, type ExperimentState, type ExperimentView } from './api'
import { CreateExperimentDialog } from './CreateExperimentDialog'
import { daysRunning, percentText } from './parts/numbers'
import { SectionTabs } from './parts/SectionTabs'
import { StateBadge } from './parts/StateBadge'
import { useMessages } from './texts/messages'

const route = getRouteApi('/signedIn/p/$org/$project/experiments')
const states: ExperimentState[] = ['draft', 'running', 'paused', 'stopped', 'decided', 'archived']

/** The experiments of a project. */
export function ExperimentListPage() {
  const m = useMessages()
  const { x } = m
  const scope = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const stays = useStays()
  const { environments } = useEnvironments()
  const canManage = useCanSomewhere('experiment.manage', scope)
  const [text, setText] = useState(search.search ?? '')
  const [creating, setCreating] = useState(false)
  const list = useInfiniteQuery(experimentsQuery(scope, search))
  const commit = useDebouncedCallback((value: string) => {
    if (stays()) {
      void navigate({ search: (previous) => ({ ...previous, search: value || undefined }), replace: true })
    }
  }, 200)
  const experiments = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total
  const isFiltered = search.search !== undefined || search.state !== undefined || search.in !== undefined || search.flag !== undefined
  const create = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
      {x.create}
    </Button>
  )

  return (
    <Stack p="md" maw={1280}>
      <SectionTabs scope={scope} title={x.experiments} subtitle={x.subtitle} count={total === undefined ? undefined : x.count(total)}>
        {canManage && create}
      </SectionTabs>
      <Group gap="xs">
        <TextInput
          type="search"
          flex="1 1 220px"
          maw={420}
          aria-label={x.search}
          placeholder={x.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value)
            commit(event.currentTarget.value)
          }}
        />
        <Select
          aria-label={x.state}
          w={180}
          allowDeselect={false}
          value={search.state ?? ''}
          onChange={(value) => void navigate({ search: (previous) => ({ ...previous, state: value === '' || value === null ? undefined : (value as ExperimentState) }), replace: true })}
          data={[{ value: '', label: x.allStates }, ...states.map((value) => ({ value, label: x.states[value] }))]}
        />
        <Select
          aria-label={x.environment}
          w={180}
          allowDeselect={false}
          value={search.in ?? ''}
          onChange={(value) => void navigate({ search: (previous) => ({ ...previous, in: value === '' || value === null ? undefined : value }), replace: true })}
          data={[{ value: '', label: x.allEnvironments }, ...environments.map(({ key, name }) => ({ value: key, label: name }))]}
        />
        {search.flag !== undefined && (
          <Button variant="light" size="compact-sm" onClick={() => void navigate({ search: (previous) => ({ ...previous, flag: undefined }), replace: true })}>
            {x.flag}: {search.flag} ✕
          </Button>
        )}
      </Group>
      <ListFrame
        query={list}
        count={experiments.length}
        loading={<Skeleton height={180} />}
        nothingFound={isFiltered ? x.nothingFound : undefined}
        empty={
          <EmptyState icon={IconFlask} title={x.emptyTitle} text={x.emptyText}>
            {canManage && create}
          </EmptyState>
        }
      >
        <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{x.columns.experiment}</Table.Th>
              <Table.Th visibleFrom="sm" w="26%">
                {x.columns.flag}
              </Table.Th>
              <Table.Th visibleFrom="sm" w={190}>
                {x.columns.running}
              </Table.Th>
              <Table.Th visibleFrom="md" w={150}>
                {x.columns.updated}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {experiments.map((experiment) => (
              <Row key={experiment.key} scope={scope} experiment={experiment} />
            ))}
          </Table.Tbody>
        </Table>
      </ListFrame>
      {creating && (
        <CreateExperimentDialog
          scope={scope}
          onClose={() => setCreating(false)}
          onCreated={(experiment) => void navigate({ to: '/p/$org/$project/experiments/$experiment/design', params: { ...scope, experiment } as never })}
        />
      )}
    </Stack>
  )
}

function Row({ scope, experiment }: { scope: Scope; experiment: ExperimentView }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const { environments } = useEnvironments()
  const recent = useRecentChange('experiment', experiment.key)
  const environment = environments.find(({ key }) => key === experiment.environment)
  const days = daysRunning(experiment, Date.now())
  return (
    <Table.Tr className={recent ? 'just-changed' : undefined}>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Text component={Link} to="/p/$org/$project/experiments/$experiment" params={{ ...scope, experiment: experiment.key } as never} fw={600} size="sm" c="var(--mantine-color-text)" truncate>
            {experiment.name}
          </Text>
          <StateBadge experiment={experiment} />
        </Group>
        <CopyKey value={experiment.key} />
        <Text size="xs" c="dimmed" hiddenFrom="sm" truncate>
          {experiment.flagName} · {environment?.name ?? experiment.environment}
          {days !== null && ` · ${x.days(days)}`}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: experiment.flag } as never} search={{ env: experiment.environment } as never} size="sm" c="var(--mantine-color-anchor)" truncate display="block">
          {experiment.flagName}
        </Text>
        {environment ? <EnvironmentMark environment={environment} size="xs" /> : <Text size="xs">{experiment.environment}</Text>}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">{days === null ? x.never : x.days(days)}</Text>
        <Text size="xs" c="dimmed">
          {experiment.phase > 0 && `${x.phase(experiment.phase)} · `}
          {x.of(percentText(experiment.traffic, language))}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        <Text size="xs" component="div">
          <RelativeTime at={experiment.updatedAt} />
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {experiment.updatedBy?.name}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
