import { Alert, Button, Group, NativeSelect, Paper, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { RelativeTime } from '@/shared/components/RelativeTime'
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
import { viewOf } from './view'
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
  // Between looks and after the last one nothing is tested anew.
  const lastLook = result.isLook || result.looks == null ? undefined : history.findLast((past) => past.result.isLook)
  const [when, setWhen] = useState<'now' | 'look'>()
  const [isOther, setOther] = useState(false)
  // What was found stays in view when no more looks are planned.
  const isAtLook = lastLook !== undefined && (when ?? (result.nextLookDay == null ? 'look' : 'now')) === 'look'
  const shown = isAtLook ? lastLook.result : result
  const planned = viewOf(shown, false)
  const viewed = viewOf(shown, isOther)
  const deciding = shown.metrics.filter(({ role }) => role !== 'guardrail')
  const guardrails = shown.metrics.filter(({ role }) => role === 'guardrail')
  return (
    <Stack gap="lg">
      <VerdictBanner experiment={experiment} result={result} />
      <HealthStrip experiment={experiment} known={known} />
      {lastLook !== undefined && (
        <Group justify="space-between" gap="xs">
          <Text size="sm" c="dimmed" role="status">
            {isAtLook ? (
              <>
                {r.atLook} <RelativeTime at={lastLook.at} />.
              </>
            ) : (
              r.betweenLooks
            )}
          </Text>
          <SegmentedControl
            size="xs"
            aria-label={r.numbersOf}
            value={isAtLook ? 'look' : 'now'}
            onChange={(value) => setWhen(value === 'look' ? 'look' : 'now')}
            data={[
              { value: 'look', label: r.lookNumber(lastLook.result.look, lastLook.result.looks ?? lastLook.result.look) },
              { value: 'now', label: r.now },
            ]}
          />
        </Group>
      )}
      {deciding.length > 0 && (
        <div>
          <Group justify="space-between" gap="xs" mb={4}>
            <Text component="h3" size="sm" fw={600}>
              {r.metrics}
            </Text>
            {shown.otherMethod != null && (
              <SegmentedControl
                size="xs"
                aria-label={r.view}
                value={viewed.isOther ? 'other' : 'planned'}
                onChange={(value) => setOther(value === 'other')}
                data={[
                  { value: 'planned', label: r.viewPlanned(result.method === 'bayesian' ? r.viewBeliefs : r.viewTests) },
                  { value: 'other', label: result.method === 'bayesian' ? r.viewTests : r.viewBeliefs },
                ]}
              />
            )}
          </Group>
          {viewed.isOther ? (
            <Alert color="orange" variant="light" mb="xs" p="xs" title={r.notPlanned} role="status">
              <Text size="sm">
                {viewed.method === 'bayesian' ? r.notPlannedBeliefs : r.notPlannedTests} {shown.isLook ? '' : `${r.notPlannedBetween} `}
                {r.stillJudgedBy(x.methods[result.method])}
              </Text>
            </Alert>
          ) : (
            <Text size="xs" c="dimmed" mb="xs">
              {r.judgedBy(x.methods[result.method])} {r.scaleHint}
            </Text>
          )}
          <MetricTable experiment={experiment} result={viewed} metrics={deciding} label={r.metrics} />
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
          <MetricTable experiment={experiment} result={planned} metrics={guardrails} label={r.guardrails} />
        </div>
      )}
      {(shown.dimensions ?? []).length > 0 && <Breakdown experiment={experiment} result={shown} />}
      {hasPath(result) && <PathChart experiment={experiment} result={result} history={history} />}
      <People experiment={experiment} result={result} history={history} />
    </Stack>
  )
}
