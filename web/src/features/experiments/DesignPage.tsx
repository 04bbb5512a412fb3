import { Alert, Anchor, Button, Group, Paper, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import type { Scope } from '@/shared/project/scope'
import { experimentQuery, flagOfQuery, useExperimentActions, type ExperimentView } from './api'
import { designOf, isSendable, toRequest, type Design } from './design'
import { Checklist } from './parts/Checklist'
import { PlanSummary } from './parts/PlanSummary'
import { PowerForecast } from './parts/PowerForecast'
import { AudienceStep, HypothesisStep, MetricsStep, PlanStep, VariantsStep } from './parts/DesignSteps'
import { useMessages } from './texts/messages'

const route = getRouteApi('/signedIn/p/$org/$project/experiments/$experiment/design')

const steps = ['hypothesis', 'variants', 'audience', 'metrics', 'plan', 'review'] as const
type Step = (typeof steps)[number]

/** Designs an experiment step by step; every step is saved when one goes on. */
export function DesignPage() {
  const scope = route.useParams()
  const { x } = useMessages()
  const query = useQuery(experimentQuery(scope, scope.experiment))
  const flag = useQuery({ ...flagOfQuery(scope, query.data?.flag ?? ''), enabled: query.data !== undefined })
  const failed = query.isError ? query : flag.isError ? flag : null
  if (failed !== null) {
    return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />
  }
  if (query.data === undefined || flag.data === undefined) {
    return <Skeleton m="md" h={360} maw={900} />
  }
  if (query.data.state !== 'draft') {
    return (
      <Stack p="md" maw={900}>
        <Alert>{x.frozen}</Alert>
        <Anchor component={Link} to="/p/$org/$project/experiments/$experiment" params={scope as never}>
          {query.data.name}
        </Anchor>
      </Stack>
    )
  }
  return <Designer scope={scope} experiment={query.data} variants={flag.data.variants.map(({ key }) => key)} />
}

function Designer({ scope, experiment, variants }: { scope: Scope; experiment: ExperimentView; variants: string[] }) {
  const m = useMessages()
  const { x } = m
  const navigate = route.useNavigate()
  const { update } = useExperimentActions(scope)
  const [step, setStep] = useState<Step>('hypothesis')
  const [design, setDesign] = useState<Design>(() => designOf(experiment, variants))
  const [saved, setSaved] = useState(design)
  const index = steps.indexOf(step)
  const change = (part: Partial<Design>) => setDesign((before) => ({ ...before, ...part }))
  const save = (then: () => void, tells = false) => {
    if (design === saved) {
      then()
      return
    }
    update.mutate(
      { key: experiment.key, body: toRequest(design) },
      {
        onSuccess: () => {
          setSaved(design)
          if (tells) {
            showDone(x.saved, m)
          }
          then()
        },
        onError: (error) => showError(x.saveFailed, error, m),
      },
    )
  }
  const leave = () => void navigate({ to: '/p/$org/$project/experiments/$experiment', params: { ...scope, experiment: experiment.key } as never })
  const go = (to: Step) => (to === 'review' || design !== saved ? isSendable(design) && save(() => setStep(to)) : setStep(to))
  const props = { scope, experiment, design, change, variants }

  return (
    <Stack p="md" maw={900}>
      <div>
        <Anchor component={Link} to="/p/$org/$project/experiments/$experiment" params={{ ...scope, experiment: experiment.key } as never} size="sm">
          {experiment.name}
        </Anchor>
        <Title order={1} size="h3">
          {x.designOf(experiment.name)}
        </Title>
        <Text c="dimmed" size="sm">
          {experiment.flagName} · {experiment.environment}
        </Text>
      </div>
      <Tabs value={step} onChange={(value) => value !== null && go(value as Step)} keepMounted={false}>
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {steps.map((key, i) => (
            <Tabs.Tab key={key} value={key} style={{ flex: 'none' }}>
              {i + 1}. {x.steps[key]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {steps.map((key) => (
          <Tabs.Panel key={key} value={key} pt="md">
            <Paper className="surface" p="md">
              {key === 'hypothesis' && <HypothesisStep {...props} />}
              {key === 'variants' && <VariantsStep {...props} />}
              {key === 'audience' && <AudienceStep {...props} />}
              {key === 'metrics' && <MetricsStep {...props} />}
              {key === 'plan' && <PlanStep {...props} />}
              {key === 'review' && (
                <Stack>
                  <Title order={2} size="h5">
                    {x.checklist}
                  </Title>
                  <Checklist scope={scope} experiment={experiment} />
                  <Title order={2} size="h5" mt="sm">
                    {x.powerTitle}
                  </Title>
                  <PowerForecast scope={scope} experiment={experiment} />
                  <Title order={2} size="h5" mt="sm">
                    {x.plan}
                  </Title>
                  <PlanSummary experiment={experiment} />
                </Stack>
              )}
            </Paper>
          </Tabs.Panel>
        ))}
      </Tabs>
      <Group justify="space-between">
        <Button variant="default" disabled={index === 0} onClick={() => go(steps[index - 1] ?? 'hypothesis')}>
          {x.back}
        </Button>
        <Group gap="xs">
          {!isSendable(design) && (
            <Text size="sm" fw={600}>
              {x.unfinished}
            </Text>
          )}
          <Button variant={step === 'review' ? 'filled' : 'default'} disabled={!isSendable(design)} loading={update.isPending} onClick={() => save(leave, true)}>
            {x.done}
          </Button>
          {step !== 'review' && (
            <Button disabled={!isSendable(design)} loading={update.isPending} onClick={() => go(steps[index + 1] ?? 'review')}>
              {x.next}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  )
}
