import { ActionIcon, Alert, Anchor, Button, Group, Menu, Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconArchive, IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTrash, IconUsers, IconVersions } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import type { Condition } from '@/shared/targeting/model'
import { Sentence } from '@/shared/targeting/SentenceView'
import { experimentQuery, useExperimentActions, type ExperimentView } from './api'
import { DecideDialog, PhaseDialog, StartDialog, TestersDialog } from './ExperimentDialogs'
import { Checklist } from './parts/Checklist'
import { daysRunning, percentText } from './parts/numbers'
import { Phases } from './parts/Phases'
import { PlanSummary } from './parts/PlanSummary'
import { SplitPicture } from './parts/SplitPicture'
import { StateBadge } from './parts/StateBadge'
import { Results } from './results/Results'
import { useMessages } from './texts/messages'

const route = getRouteApi('/signedIn/p/$org/$project/experiments/$experiment')

type Open = 'start' | 'phase' | 'decide' | 'testers' | null

/** An experiment: where it is, who gets what, how it is judged, and what can be done with it. */
export function ExperimentPage() {
  const scope = route.useParams()
  const query = useQuery(experimentQuery(scope, scope.experiment))
  if (query.isError && query.data === undefined) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  }
  if (query.data === undefined) {
    return <Skeleton m="md" h={320} maw={1100} />
  }
  return <Loaded scope={scope} experiment={query.data} />
}

function Loaded({ scope, experiment }: { scope: Scope; experiment: ExperimentView }) {
  const m = useMessages()
  const { x } = m
  const { language } = useLanguage()
  const [open, setOpen] = useState<Open>(null)
  const { environments } = useEnvironments()
  const environment = environments.find(({ key }) => key === experiment.environment)
  const { state } = experiment
  const isLive = state === 'running' || state === 'paused'
  const days = daysRunning(experiment, Date.now())
  const close = () => setOpen(null)
  const dialog = { scope, experiment, onClose: close }

  return (
    <Stack p="md" maw={1100}>
      <div>
        <Anchor component={Link} to="/p/$org/$project/experiments" params={scope as never} size="sm">
          {x.experiments}
        </Anchor>
        <Group justify="space-between" align="flex-start" gap="sm">
          <div style={{ minWidth: 0 }}>
            <Group gap="sm">
              <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
                {experiment.name}
              </Title>
              <StateBadge experiment={experiment} size="md" />
            </Group>
            <Group gap="md" mt={4}>
              <CopyKey value={experiment.key} />
              <Anchor component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: experiment.flag } as never} search={{ env: experiment.environment } as never} size="sm">
                {experiment.flagName}
              </Anchor>
              {environment ? <EnvironmentMark environment={environment} /> : <Text size="sm">{experiment.environment}</Text>}
              <Text size="sm" c="dimmed">
                {x.owner}: {experiment.owner?.name ?? x.nobody}
              </Text>
            </Group>
          </div>
          <Actions scope={scope} experiment={experiment} onOpen={setOpen} />
        </Group>
      </div>

      <Alert variant="light" color={state === 'running' ? 'teal' : state === 'paused' ? 'orange' : state === 'draft' || state === 'archived' ? 'gray' : 'blue'}>
        <Text size="sm">
          {x.banner[state]}
          {days !== null && ` ${x.columns.running}: ${x.days(days)}.`}
        </Text>
        {isLive && !experiment.flagEnabled && (
          <Text size="sm" fw={600}>
            {x.flagOff(experiment.flagName, environment?.name ?? experiment.environment)}
          </Text>
        )}
        {experiment.decision !== null && (
          <Stack gap={2} mt={4}>
            <Text size="sm" fw={600}>
              {x.decisions[experiment.decision.decision]}
              {experiment.decision.shipped !== null && ` — ${x.shippedTo(experiment.decision.shipped)}`}
            </Text>
            <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
              {experiment.decision.reason}
            </Text>
            <Text size="xs" component="div">
              <RelativeTime at={experiment.decision.at} />
              {experiment.decision.by !== null && `, ${x.decidedBy(experiment.decision.by.name)}`}
            </Text>
          </Stack>
        )}
      </Alert>

      {experiment.startedAt !== null && <Results scope={scope} experiment={experiment} />}
      {state === 'draft' && (
        <Part title={x.checklist}>
          <Checklist scope={scope} experiment={experiment} />
        </Part>
      )}
      <Part title={x.hypothesis}>
        <Text size="sm" c={experiment.hypothesis === '' ? 'dimmed' : undefined} style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
          {experiment.hypothesis || x.noHypothesis}
        </Text>
        {experiment.description !== '' && (
          <Text size="sm" c="dimmed" mt="xs" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
            {experiment.description}
          </Text>
        )}
      </Part>
      <Part title={x.split}>
        <Stack gap="sm">
          <SplitPicture
            layer={experiment.layer}
            holdout={experiment.holdout?.percentage ?? 0}
            traffic={experiment.traffic}
            variations={experiment.variations}
            order={experiment.variations.map(({ key }) => key)}
            control={experiment.control}
          />
          <dl style={{ margin: 0 }}>
            <Fact name={x.audience}>{experiment.audience === null ? x.everybody : <Sentence condition={experiment.audience as Condition} />}</Fact>
            <Fact name={x.unit}>{experiment.bucketBy ?? x.targetingKey}</Fact>
            {experiment.layer !== null && (
              <Fact name={x.layer}>
                {x.shareOf(experiment.layer.key, percentText(experiment.layer.from, language), percentText(experiment.layer.to, language))}
              </Fact>
            )}
            {experiment.holdout !== null && (
              <Fact name={x.holdout}>
                {experiment.holdout.key} ({percentText(experiment.holdout.percentage, language)})
              </Fact>
            )}
            <Fact name={x.testers}>
              {experiment.overrides.length === 0 ? x.noTesters : experiment.overrides.map(({ variant, keys }) => `${variant}: ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ` +${keys.length - 5}` : ''}`).join('; ')}
            </Fact>
          </dl>
        </Stack>
      </Part>
      <Part title={x.plan} hint={x.planFrozen}>
        <PlanSummary experiment={experiment} />
      </Part>
      {experiment.phases.length > 0 && (
        <Part title={x.phases} hint={x.phasesHint}>
          <Phases experiment={experiment} />
        </Part>
      )}
      <Anchor component={Link} to="/p/$org/$project/audit" params={scope as never} search={{ entity: 'experiment', search: experiment.key } as never} size="sm">
        {x.history}: {x.historyAll}
      </Anchor>

      {open === 'start' && <StartDialog {...dialog} />}
      {open === 'phase' && <PhaseDialog {...dialog} />}
      {open === 'decide' && <DecideDialog {...dialog} />}
      {open === 'testers' && <TestersDialog {...dialog} />}
    </Stack>
  )
}

function Part({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <Paper className="surface" p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb={hint === undefined ? 'sm' : 2}>
        {title}
      </Title>
      {hint !== undefined && (
        <Text size="xs" c="dimmed" mb="sm">
          {hint}
        </Text>
      )}
      {children}
    </Paper>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Group gap="sm" align="baseline" wrap="nowrap" component="div" mb={4}>
      <Text component="dt" size="sm" c="dimmed" w={130} style={{ flex: 'none' }}>
        {name}
      </Text>
      <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
        {children}
      </Text>
    </Group>
  )
}

function Actions({ scope, experiment, onOpen }: { scope: Scope; experiment: ExperimentView; onOpen: (open: Open) => void }) {
  const m = useMessages()
  const { x } = m
  const navigate = route.useNavigate()
  const confirm = useConfirm()
  const { move, remove } = useExperimentActions(scope)
  const canManage = useCan('experiment.manage', { ...scope, environment: experiment.environment })
  if (!canManage) {
    return null
  }
  const { key, state, mayServe } = experiment
  const run = (deed: 'pause' | 'resume' | 'stop' | 'archive', done: string) =>
    move.mutate({ key, deed }, { onSuccess: () => showDone(done, m), onError: (error) => showError(x.saveFailed, error, m) })
  const stop = async () => {
    if (await confirm({ title: x.stopTitle, text: x.stopText, confirm: x.stop, danger: true })) {
      run('stop', x.stopped)
    }
  }
  const drop = async () => {
    if (await confirm({ title: x.deleteTitle(experiment.name), text: x.deleteText, confirm: x.delete, danger: true })) {
      remove.mutate(key, {
        onSuccess: () => {
          showDone(x.deleted(experiment.name), m)
          void navigate({ to: '/p/$org/$project/experiments', params: scope as never })
        },
        onError: (error) => showError(x.saveFailed, error, m),
      })
    }
  }
  const isLive = state === 'running' || state === 'paused'
  return (
    <Group gap="xs">
      {state === 'draft' && (
        <>
          <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => void navigate({ to: '/p/$org/$project/experiments/$experiment/design', params: { ...scope, experiment: key } as never })}>
            {x.edit}
          </Button>
          {mayServe && (
            <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => onOpen('start')}>
              {x.start}
            </Button>
          )}
        </>
      )}
      {state === 'running' && (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} loading={move.isPending} onClick={() => run('pause', x.paused)}>
          {x.pause}
        </Button>
      )}
      {state === 'paused' && mayServe && (
        <Button variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={move.isPending} onClick={() => run('resume', x.resumed)}>
          {x.resume}
        </Button>
      )}
      {(isLive || state === 'stopped') && <Button onClick={() => onOpen('decide')}>{x.decide}</Button>}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={x.more}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(isLive || state === 'draft') && (
            <Menu.Item leftSection={<IconUsers size={16} aria-hidden />} disabled={isLive && !mayServe} onClick={() => onOpen('testers')}>
              {x.editTesters}
            </Menu.Item>
          )}
          {isLive && (
            <>
              <Menu.Item leftSection={<IconVersions size={16} aria-hidden />} disabled={!mayServe} onClick={() => onOpen('phase')}>
                {x.newPhase}
              </Menu.Item>
              <Menu.Item leftSection={<IconPlayerStop size={16} aria-hidden />} color="red" onClick={() => void stop()}>
                {x.stop}
              </Menu.Item>
            </>
          )}
          {(state === 'stopped' || state === 'decided') && (
            <Menu.Item leftSection={<IconArchive size={16} aria-hidden />} onClick={() => run('archive', x.archived)}>
              {x.archive}
            </Menu.Item>
          )}
          {(state === 'draft' || state === 'archived') && (
            <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} color="red" onClick={() => void drop()}>
              {x.delete}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
