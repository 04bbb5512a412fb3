import { Alert, Anchor, Group, Skeleton, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { ErrorState } from '@/shared/components/ErrorState'
import { variantColor } from '@/shared/components/variantColor'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { ruleTitle } from '@/shared/targeting/diff'
import type { EvaluationTrace, ServeTrace } from '@/shared/targeting/trace'
import { TestFrame } from '@/shared/targeting/TestFrame'
import classes from '@/shared/targeting/TestPanel.module.css'
import type { DraftTest } from './useDraftTest'

type Props = {
  scope: Scope
  flag: FlagView
  environment: EnvironmentView
  test: DraftTest
  rules: { name?: string }[]
  dirty: boolean
  onClose: () => void
}

/** Asks the rules beside it about somebody, while they are being edited. */
export function TestPanel({ scope, flag, environment, test, rules, dirty, onClose }: Props) {
  const m = useMessages()
  const state = flag.environments[environment.key]
  return (
    <TestFrame scope={scope} title={m.test.title} hint={m.test.hint} test={test} onClose={onClose}>
      <div className={classes.answer} role="status">
        <Answer flag={flag} test={test} rules={rules} />
      </div>
      {(state?.enabled === false || state?.killed) && (
        <Alert color="gray" mt="sm" p="xs">
          <Text size="xs">{m.test.offNow(environment.name)}</Text>
        </Alert>
      )}
      {dirty && (
        <Text size="xs" c="dimmed" mt={6}>
          {m.test.draft}
        </Text>
      )}
      <Anchor component={Link} to="/p/$org/$project/evaluate" params={scope as never} search={{ flag: flag.key, env: environment.key } as never} size="xs" mt="sm" display="block">
        {m.test.debug}
      </Anchor>
    </TestFrame>
  )
}

function Answer({ flag, test, rules }: Pick<Props, 'flag' | 'test' | 'rules'>) {
  const m = useMessages()
  const { answer } = test
  if (answer.isError) {
    return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />
  }
  const result = answer.data
  if (!result) {
    return <Skeleton height={54} />
  }
  const index = flag.variants.findIndex(({ key }) => key === result.variant)
  const trace = result.trace
  const serve = trace?.default ?? trace?.rules.find(({ matched }) => matched)?.serve
  return (
    <>
      <Text size="xs" c="dimmed">
        {test.targetingKey === '' ? null : <span className="mono">{test.targetingKey} </span>}
        {m.test.serves}
      </Text>
      <Group gap={8} wrap="nowrap">
        <span aria-hidden className={classes.dot} style={{ background: index < 0 ? 'var(--mantine-color-gray-5)' : variantColor(index) }} />
        <Text fw={700} size="lg" className={result.variant === null ? undefined : 'mono'} style={{ overflowWrap: 'anywhere' }}>
          {result.variant ?? m.test.noValue}
        </Text>
      </Group>
      {result.variant !== null && flag.type !== 'boolean' && (
        <Text size="xs" c="dimmed" className="mono" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {typeof result.value === 'string' ? result.value : JSON.stringify(result.value)}
        </Text>
      )}
      {trace && <Text size="sm">{becauseText(trace, rules, m)}</Text>}
      {serve && <BucketLine serve={serve} />}
    </>
  )
}

function BucketLine({ serve }: { serve: ServeTrace }) {
  const m = useMessages()
  if (serve.kind !== 'rollout') {
    return null
  }
  const by = serve.bucketBy || m.targeting.targetingKey
  return (
    <Text size="xs" c="dimmed">
      {serve.bucket === null || serve.bucket === undefined ? m.test.noUnit(by) : m.test.bucket(serve.bucket, by)}
    </Text>
  )
}

function becauseText(trace: EvaluationTrace, rules: { name?: string }[], m: Messages): string {
  if (trace.decidedBy === 'rule') {
    const index = trace.rules.find(({ matched }) => matched)?.index ?? 0
    return m.test.because.rule(ruleTitle(rules[index] ?? {}, index, m))
  }
  return m.test.because[trace.decidedBy]
}
