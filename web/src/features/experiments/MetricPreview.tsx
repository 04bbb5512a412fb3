import { Group, NativeSelect, Paper, Skeleton, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, unwrap } from '@/shared/api/client'
import { useLanguage } from '@/shared/i18n/messages'
import { numberText } from '@/shared/i18n/numbers'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import type { MetricDefinition } from './api'
import classes from './MetricPreview.module.css'
import { useMessages } from './texts/messages'

/** What the metric would have said of the last week, while it is edited. */
export function MetricPreview({ scope, definition }: { scope: Scope; definition: MetricDefinition }) {
  const { x } = useMessages()
  const { language } = useLanguage()
  const { environments, current } = useEnvironments()
  const [environment, setEnvironment] = useState<string>()
  const chosen = environment ?? current?.key
  const [asked] = useDebouncedValue(JSON.stringify(definition), 500)
  const query = useQuery({
    queryKey: ['metricPreview', scope.org, scope.project, chosen, asked],
    queryFn: () =>
      unwrap(
        client.POST('/api/v1/orgs/{org}/projects/{project}/metrics/preview', {
          params: { path: { org: scope.org, project: scope.project } },
          body: { environment: chosen ?? '', definition: JSON.parse(asked) as MetricDefinition },
        }),
      ),
    enabled: chosen !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const number = (value: number) => numberText(value, language)
  const found = query.data
  const most = Math.max(1, ...(found?.histogram ?? []).map(({ units }) => units))
  const isShare = definition.kind === 'conversion'
  const value = found?.value == null ? '—' : isShare ? new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(found.value) : `${number(found.value)} ${definition.unit ?? ''}`
  return (
    <Paper withBorder p="sm" role="region" aria-label={x.preview} aria-busy={query.isFetching}>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {x.preview}
        </Text>
        <NativeSelect size="xs" aria-label={x.environment} value={chosen ?? ''} onChange={({ currentTarget }) => setEnvironment(currentTarget.value)} data={environments.map(({ key, name }) => ({ value: key, label: name }))} />
      </Group>
      {query.isError ? (
        <Text size="sm" c="dimmed">
          {x.previewFailed}
        </Text>
      ) : found === undefined ? (
        <Skeleton h={64} />
      ) : found.events === 0 ? (
        <Text size="sm" c="dimmed">
          {x.previewNothing}
        </Text>
      ) : (
        <>
          <Text size="sm">
            <strong>{value}</strong> {found.deviation != null && !isShare && `± ${number(found.deviation)}`} · {x.previewPeople(found.active.toLocaleString(language), found.units.toLocaleString(language))} ·{' '}
            {x.previewEvents(found.events.toLocaleString(language))}
          </Text>
          {found.sampledShare < 1 && (
            <Text size="xs" c="dimmed">
              {x.previewSampled}
            </Text>
          )}
          {found.histogram.length > 0 && (
            <div className={classes.bars} role="img" aria-label={x.previewSpread}>
              {found.histogram.map(({ from, to, units }) => (
                <i key={from} style={{ height: `${Math.max(2, (units / most) * 100)}%` }} title={`${number(from)} – ${number(to)}: ${units.toLocaleString(language)}`} />
              ))}
            </div>
          )}
        </>
      )}
    </Paper>
  )
}
