import { Alert, Button, Group, NativeSelect, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import type { Scope } from '@/shared/project/scope'
import type { ExperimentView } from '../api'
import { useMessages } from '../texts/messages'
import { Breakdown } from './Breakdown'
import { saveCsv } from './csv'
import { hasPeople } from './format'
import { HealthStrip } from './HealthStrip'
import { MetricTable } from './MetricTable'
import { hasPath, PathChart } from './PathChart'
import { People } from './People'
import { useHistory, useResults, type Known, type ResultsView } from './results'
import { useResultTexts } from './texts/messages'
import { VerdictBanner } from './VerdictBanner'
import { Waiting } from './Waiting'

/** What is known of an experiment that was started, kept current while it is looked at. */
export function Results({ scope, experiment }: { scope: Scope; experiment: ExperimentView }) {
  const { r } = useResultTexts()
  const [phase, setPhase] = useState<number>()
  const query = useResults(scope, experiment, phase)
  const view = query.data
  const isKnown = view !== undefined && view.at !== null && view.result !== null
  return (
    <Paper className="surface" p="md" component="section" aria-labelledby="results-title" aria-busy={query.isPending}>
      <Group justify="space-between" gap="xs" mb="sm">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h5" id="results-title">
            {r.title}
          </Title>
          {view !== undefined && view.phase > 0 && experiment.phases.length > 1 && (
            <NativeSelect
              size="xs"
              aria-label={r.phase}
              value={String(view.phase)}
              onChange={({ currentTarget }) => setPhase(Number(currentTarget.value))}
              data={experiment.phases.map(({ number, endedAt }) => ({ value: String(number), label: endedAt === null ? r.phaseNow(number) : r.ofPhase(number) }))}
            />
          )}
        </Group>
        {isKnown && hasPeople(view.result) && (
          <Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />} onClick={() => saveCsv(experiment.key, view)}>
            {r.csv}
          </Button>
        )}
      </Group>
      {view === undefined ? (
        query.isError ? (
          <ErrorState title={r.failed} error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Stack gap="sm">
            <Skeleton h={84} />
            <Skeleton h={70} />
            <Skeleton h={220} />
          </Stack>
        )
      ) : (
        <>
          {query.isError && (
            <Alert color="orange" variant="light" mb="sm">
              {r.staleFailed}
            </Alert>
          )}
          {isKnown && hasPeople(view.result) ? <Body scope={scope} experiment={experiment} view={view} known={view as Known} /> : <Waiting scope={scope} experiment={experiment} />}
        </>
      )}
    </Paper>
  )
}

function Body({ scope, experiment, view, known }: { scope: Scope; experiment: ExperimentView; view: ResultsView; known: Known }) {
  const { x } = useMessages()
  const { r } = useResultTexts()
  const { result } = known
  const history = useHistory(scope, experiment, view)
  const deciding = result.metrics.filter(({ role }) => role !== 'guardrail')
  const guardrails = result.metrics.filter(({ role }) => role === 'guardrail')
  return (
    <Stack gap="lg">
      <VerdictBanner experiment={experiment} result={result} />
      <HealthStrip experiment={experiment} known={known} />
      {deciding.length > 0 && (
        <div>
          <Text component="h3" size="sm" fw={600}>
            {r.metrics}
          </Text>
          <Text size="xs" c="dimmed" mb="xs">
            {r.judgedBy(x.methods[result.method])} {result.method === 'bayesian' ? `${r.besides} ` : ''}
            {r.scaleHint}
          </Text>
          <MetricTable experiment={experiment} result={result} metrics={deciding} label={r.metrics} />
        </div>
      )}
      {guardrails.length > 0 && (
        <div>
          <Text component="h3" size="sm" fw={600}>
            {r.guardrails}
          </Text>
          <Text size="xs" c="dimmed" mb="xs">
            {r.guardrailsHint}
          </Text>
          <MetricTable experiment={experiment} result={result} metrics={guardrails} label={r.guardrails} />
        </div>
      )}
      {(result.dimensions ?? []).length > 0 && <Breakdown experiment={experiment} result={result} />}
      {hasPath(result) && <PathChart experiment={experiment} result={result} history={history} />}
      <People experiment={experiment} result={result} history={history} />
    </Stack>
  )
}
