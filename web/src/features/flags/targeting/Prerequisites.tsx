import { ActionIcon, Button, Group, MultiSelect, Paper, Select, Text, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconLink, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Prerequisite, TargetingProblem } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { flagChoicesQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { dependentsOf } from '@/shared/targeting/dependencyLayout'
import { ProblemList } from '@/shared/targeting/ProblemList'
import { flagQuery } from '../api/getFlag'
import classes from './ConfigurationForm.module.css'
import { dependenciesQuery } from './dependencies'
import { DependencyGraph } from './DependencyGraph'

type Props = {
  scope: Scope
  flagKey: string
  environment: string
  prerequisites: Prerequisite[]
  onChange: (prerequisites: Prerequisite[]) => void
  problems: TargetingProblem[]
  readOnly: boolean
}

/** Other flags that must serve certain variants first. */
export function Prerequisites({ scope, flagKey, environment, prerequisites, onChange, problems, readOnly }: Props) {
  const m = useMessages()
  const { data: dependencies } = useQuery(dependenciesQuery(scope, flagKey, environment))
  const circular = dependentsOf(flagKey, dependencies?.edges ?? [])
  const connected = dependencies !== undefined && dependencies.edges.length > 0
  const adder = !readOnly && (
    <Button
      variant="subtle"
      size="compact-sm"
      style={{ alignSelf: 'flex-start' }}
      leftSection={<IconLink size={15} aria-hidden />}
      onClick={() => onChange([...prerequisites, { flag: '', variants: [] }])}
    >
      {m.targeting.addPrerequisite}
    </Button>
  )
  if (prerequisites.length === 0 && !connected) {
    return adder || null
  }
  return (
    <Paper className={classes.card} component="section" aria-label={m.targeting.prerequisites}>
      <Group gap="xs" align="baseline" mb="sm">
        <Title order={2} size="h5">
          {m.targeting.prerequisites}
        </Title>
        <Text size="xs" c="dimmed">
          {m.targeting.prerequisitesHint}
        </Text>
      </Group>
      {prerequisites.map((item, index) => (
        <PrerequisiteLine
          key={index}
          scope={scope}
          flagKey={flagKey}
          item={item}
          taken={prerequisites.map(({ flag }) => flag)}
          circular={circular}
          readOnly={readOnly}
          onChange={(next) => onChange(prerequisites.map((old, at) => (at === index ? next : old)))}
          onRemove={() => onChange(prerequisites.filter((_, at) => at !== index))}
        />
      ))}
      {adder}
      <ProblemList problems={problems} />
      {connected && <DependencyGraph scope={scope} flag={flagKey} environment={environment} dependencies={dependencies} />}
    </Paper>
  )
}

type LineProps = {
  scope: Scope
  flagKey: string
  item: Prerequisite
  taken: string[]
  /** Flags that need this one, so that needing them would go round in a circle. */
  circular: Set<string>
  readOnly: boolean
  onChange: (item: Prerequisite) => void
  onRemove: () => void
}

function PrerequisiteLine({ scope, flagKey, item, taken, circular, readOnly, onChange, onRemove }: LineProps) {
  const m = useMessages()
  const [search, setSearch] = useState('')
  const [wanted] = useDebouncedValue(search === item.flag ? '' : search, 200)
  const { data: choices = [] } = useQuery({ ...flagChoicesQuery(scope, wanted), placeholderData: keepPreviousData })
  const { data: flag } = useQuery({ ...flagQuery(scope, item.flag), enabled: item.flag !== '' })
  const variants = flag?.body.variants.map(({ key }) => key) ?? []
  const keys = [
    ...(item.flag === '' ? [] : [item.flag]),
    ...choices.map(({ key }) => key).filter((key) => key !== item.flag && key !== flagKey && !taken.includes(key)),
  ]
  return (
    <Group gap="xs" mb="xs" align="flex-start">
      <Select
        aria-label={m.targeting.prerequisiteFlag}
        placeholder={m.targeting.prerequisiteFlag}
        w={230}
        searchable
        disabled={readOnly}
        data={keys.map((key) => (circular.has(key) ? { value: key, label: `${key} (${m.dependencies.circle})`, disabled: true } : { value: key, label: key }))}
        value={item.flag || null}
        searchValue={search}
        onSearchChange={setSearch}
        filter={({ options }) => options}
        allowDeselect={false}
        classNames={{ input: 'mono' }}
        onChange={(key) => {
          if (key !== null && key !== item.flag) {
            const chosen = choices.find((choice) => choice.key === key)
            onChange({ flag: key, variants: chosen?.variants[0] ? [chosen.variants[0].key] : [] })
          }
        }}
      />
      <Text size="sm" c="dimmed" pt={8}>
        {m.targeting.prerequisiteServes}
      </Text>
      <MultiSelect
        aria-label={m.targeting.prerequisiteServes}
        flex={1}
        miw={180}
        maw={420}
        disabled={readOnly || item.flag === ''}
        data={[...new Set([...variants, ...item.variants])]}
        value={item.variants}
        onChange={(next) => onChange({ ...item, variants: next })}
      />
      {!readOnly && (
        <ActionIcon variant="subtle" color="gray" mt={4} aria-label={m.targeting.removePrerequisite(item.flag)} onClick={onRemove}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </Group>
  )
}
