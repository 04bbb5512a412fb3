import { Alert, Badge, Button, Code, Group, Paper, Select, SegmentedControl, Skeleton, Stack, Text, Title, Tooltip } from '@mantine/core'
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconScale } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { variantColor } from '@/shared/components/variantColor'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { configurationQuery } from '../api/configuration'
import { algorithmQuery, historyQuery, stateQuery, useAlgorithmActions, type AlgorithmView } from './api'
import { ArmTable } from './ArmTable'
import classes from './Bandit.module.css'
import { BanditDialog } from './BanditDialog'
import { since } from './charts'
import { draftOf, requestOf } from './draft'
import { rewardFormat } from './format'
import { HoldoutCard } from './HoldoutCard'
import { DensityPlot, RegretPlot, WeightsPlot } from './Plots'
import { useBanditTexts } from './texts/useBanditTexts'

type Props = { scope: Scope; flag: FlagView; environment: EnvironmentView }

/** The algorithm that shares out a flag's traffic in an environment: what it does, and what it has come to. */
export default function BanditTab({ scope, flag, environment }: Props) {
  const m = useMessages()
  const t = useBanditTexts()
  // The flag knows whether there is one: what is not there need not be asked for.
  const isThere = flag.environments[environment.key]?.algorithm != null
  const { data, isError, error, refetch } = useQuery({ ...algorithmQuery(scope, flag.key, environment.key), enabled: isThere })
  const algorithm = isThere ? data : null
  const canManage = useCan('experiment.manage', { ...scope, environment: environment.key }) && flag.archivedAt === null
  // What is edited stays what it was: news of one's own change may come before its answer, and must not take the dialog away.
  const [edited, setEdited] = useState<AlgorithmView | null>()
  return (
    <>
      {algorithm === undefined ? (
        isError ? <ErrorState error={error} onRetry={() => void refetch()} /> : <Skeleton h={320} aria-label={m.common.loading} />
      ) : algorithm === null ? (
        <Paper className="surface">
          <EmptyState icon={IconScale} title={t.emptyTitle} text={t.emptyText}>
            {canManage && (
              <Button mt="sm" onClick={() => setEdited(null)}>
                {t.start}
              </Button>
            )}
          </EmptyState>
        </Paper>
      ) : (
        <Running scope={scope} flag={flag} environment={environment} algorithm={algorithm} canManage={canManage} onEdit={() => setEdited(algorithm)} />
      )}
      {edited !== undefined && <BanditDialog scope={scope} flag={flag} environment={environment} algorithm={edited} onClose={() => setEdited(undefined)} />}
    </>
  )
}

type RunningProps = Props & { algorithm: AlgorithmView; canManage: boolean; onEdit: () => void }

function Running({ scope, flag, environment, algorithm, canManage, onEdit }: RunningProps) {
  const t = useBanditTexts()
  const { language } = useLanguage()
  const [hours, setHours] = useState<24 | 168 | 720>(24)
  const [cell, setCell] = useState<string | null>(null)
  const state = useQuery(stateQuery(scope, flag.key, environment.key))
  const history = useQuery(historyQuery(scope, flag.key, environment.key, hours))
  const reward = rewardFormat(algorithm.reward.source, language)
  const colorOf = (variant: string) => variantColor(flag.variants.findIndex(({ key }) => key === variant))
  const cells = algorithm.weights
  const shown = cells.find((item) => item.cell === cell) ?? cells[0]
  const known = state.data?.state ?? null
  const drawn = history.data === undefined ? undefined : since(history.data, algorithm.startedAt)
  const here = flag.environments[environment.key]
  return (
    <Stack>
      {here !== undefined && (!here.enabled || here.killed) && <Alert color="orange">{t.flagOff}</Alert>}
      <Summary scope={scope} flag={flag} environment={environment} algorithm={algorithm} canManage={canManage} onEdit={onEdit} />
      {state.isError && state.data === undefined && <ErrorState error={state.error} onRetry={() => void state.refetch()} />}
      {(known === null || known.outcomes === 0) && state.isSuccess && (
        <Alert color="blue" title={t.nothingYet} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
          {t.nothingYetText}
          <Code block mt="xs">{`POST /sdk/v1/features/${flag.key}/track\n{"variant_key":"${algorithm.arms[0] ?? ''}","event_type":"success","context":{"targetingKey":"user-1"}}`}</Code>
        </Alert>
      )}
      {known !== null && known.outcomes > 0 && !known.isWarm && (
        <Alert color="blue" title={t.cold} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
          {t.coldText(known.outcomesNeeded)}
        </Alert>
      )}
      <Paper className="surface" p="md">
        <Group justify="space-between" mb="xs">
          <div>
            <Title order={2} size="h5">
              {t.weights}
            </Title>
            <Text size="xs" c="dimmed">
              {t.weightsHint}
            </Text>
          </div>
          <Group gap="xs">
            {cells.length > 1 && <Select size="xs" w={220} aria-label={t.context2} allowDeselect={false} value={shown?.cell ?? null} onChange={setCell} data={cells.map((item) => ({ value: item.cell, label: item.name }))} />}
            <SegmentedControl size="xs" aria-label={t.hours} value={String(hours)} onChange={(value) => setHours(Number(value) as typeof hours)} data={([24, 168, 720] as const).map((value) => ({ value: String(value), label: t.spans[value] }))} />
          </Group>
        </Group>
        {drawn === undefined ? (
          history.isError ? <ErrorState error={history.error} onRetry={() => void history.refetch()} /> : <Skeleton h={230} />
        ) : (
          <WeightsPlot history={drawn} cell={shown?.cell ?? ''} arms={algorithm.arms} colorOf={colorOf} />
        )}
      </Paper>
      {known !== null && (
        <>
          <Paper className="surface" pb="xs">
            <ArmTable algorithm={algorithm} state={known} evaluations={state.data?.evaluations ?? {}} colorOf={colorOf} />
            {state.data?.at != null && (
              <Text size="xs" c="dimmed" px="md" mt="xs">
                {t.computed} <RelativeTime at={state.data.at} />
              </Text>
            )}
          </Paper>
          <div className={classes.charts}>
            <Paper className="surface" p="md">
              <Title order={2} size="h5">
                {t.density}
              </Title>
              <Text size="xs" c="dimmed" mb="xs">
                {t.densityHint}
              </Text>
              <DensityPlot arms={known.arms} colorOf={colorOf} reward={reward} />
            </Paper>
            <Paper className="surface" p="md">
              <Title order={2} size="h5">
                {t.regret}
              </Title>
              <Text size="xs" c="dimmed" mb="xs">
                {t.regretHint}
              </Text>
              {drawn === undefined ? <Skeleton h={200} /> : <RegretPlot history={drawn} startedAt={algorithm.startedAt} regret={known.regret} />}
            </Paper>
          </div>
          <HoldoutCard algorithm={algorithm} holdout={known.holdout} />
        </>
      )}
    </Stack>
  )
}

function Summary({ scope, flag, environment, algorithm, canManage, onEdit }: RunningProps) {
  const m = useMessages()
  const t = useBanditTexts()
  const confirm = useConfirm()
  const { put, remove } = useAlgorithmActions(scope, flag.key, environment.key)
  const { data: configuration } = useQuery({ ...configurationQuery(scope, flag.key, environment.key), enabled: algorithm.rule !== null })
  const ruleName = configuration?.body.rules.find(({ id }) => id === algorithm.rule)?.name
  const place = algorithm.rule === null ? t.theDefault : t.rule(ruleName || algorithm.rule)
  const onError = (error: unknown) => showError(t.failed, error, m)
  const pause = async () => {
    if (algorithm.paused || (await confirm({ title: t.pauseTitle, text: t.pauseText(environment.name), confirm: t.pause }))) {
      put.mutate({ version: algorithm.version, body: requestOf(draftOf(algorithm), !algorithm.paused) }, { onSuccess: () => showDone(algorithm.paused ? t.resumed : t.pausedDone, m), onError })
    }
  }
  const stop = async () => {
    if (await confirm({ title: t.stopTitle, text: t.stopText(flag.name || flag.key, environment.name, place), confirm: t.stop, danger: true })) {
      remove.mutate(algorithm.version, { onSuccess: () => showDone(t.stopped, m), onError })
    }
  }
  const facts: [string, React.ReactNode][] = [
    [t.place, place],
    [
      t.source,
      algorithm.reward.metric == null ? (
        t.sources[algorithm.reward.source]
      ) : (
        <Tooltip key="source" label={t.metricHolds} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
          <span tabIndex={0} style={{ textDecoration: 'underline dotted' }}>
            {t.metric} {algorithm.reward.metric}
          </span>
        </Tooltip>
      ),
    ],
    [t.since, <RelativeTime key="since" at={algorithm.startedAt} />],
    [t.weightsVersion, <span key="version">{algorithm.weightsVersion} · <RelativeTime at={algorithm.weightsAt} /></span>],
  ]
  return (
    <Paper className="surface" p="md">
      <Group justify="space-between" align="flex-start">
        <Group gap="sm">
          <Title order={2} size="h4">
            {t.kinds[algorithm.kind]}
          </Title>
          <Badge variant="light" color={algorithm.paused ? 'orange' : 'teal'} tt="none">
            {algorithm.paused ? t.paused : t.running}
          </Badge>
        </Group>
        {canManage && (
          <Group gap="xs">
            <Button variant="default" size="compact-sm" leftSection={<IconPencil size={14} aria-hidden />} onClick={onEdit}>
              {t.edit}
            </Button>
            <Button variant="default" size="compact-sm" loading={put.isPending} leftSection={algorithm.paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />} onClick={() => void pause()}>
              {algorithm.paused ? t.resume : t.pause}
            </Button>
            <Button variant="light" color="red" size="compact-sm" loading={remove.isPending} leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={() => void stop()}>
              {t.stop}
            </Button>
          </Group>
        )}
      </Group>
      <Group gap="xl" mt="sm" align="flex-start">
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text size="sm" component="div">
              {value}
            </Text>
          </div>
        ))}
      </Group>
    </Paper>
  )
}
