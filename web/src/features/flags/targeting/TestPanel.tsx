import { ActionIcon, Alert, Anchor, Autocomplete, Button, Group, Paper, Skeleton, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { IconDice3, IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { ErrorState } from '@/shared/components/ErrorState'
import { variantColor } from '@/shared/components/variantColor'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { attributesQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { ruleTitle } from '@/shared/targeting/diff'
import type { EvaluationTrace, ServeTrace } from '@/shared/targeting/trace'
import classes from './TestPanel.module.css'
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
  const { data: attributes = [] } = useQuery(attributesQuery(scope))
  const { rows } = test
  const state = flag.environments[environment.key]
  return (
    <Paper className={classes.panel} component="section" aria-label={m.test.title}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Title order={2} size="h5">
          {m.test.title}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label={m.test.close} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {m.test.hint}
      </Text>
      <Stack gap={8}>
        <TextInput
          label={m.test.targetingKey}
          placeholder={"user-123"}
          value={test.targetingKey}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => test.setTargetingKey(event.currentTarget.value)}
          rightSection={
            <Tooltip label={m.test.random}>
              <ActionIcon variant="subtle" color="gray" aria-label={m.test.random} onClick={() => test.setTargetingKey(`user-${Math.floor(Math.random() * 1e6)}`)}>
                <IconDice3 size={17} />
              </ActionIcon>
            </Tooltip>
          }
        />
        {rows.map(({ id, name, text, fixed }) => {
          const known = attributes.find((item) => item.name === name)
          const values = known?.type === 'boolean' ? ['true', 'false'] : (known?.values ?? []).map(String)
          return (
            <Group key={id} gap={6} wrap="nowrap" align="flex-end">
              {!fixed && (
                <Autocomplete
                  aria-label={m.test.attributeName}
                  placeholder={m.test.attributeName}
                  flex={1}
                  data={attributes.map((item) => item.name)}
                  value={name}
                  classNames={{ input: 'mono' }}
                  onChange={(next) => test.setRow(id, { name: next })}
                />
              )}
              <Autocomplete
                flex={1}
                label={fixed ? name : undefined}
                aria-label={fixed ? undefined : `${m.targeting.value} ${name}`}
                placeholder={known?.type ?? m.targeting.value}
                data={[...new Set(values)]}
                value={text}
                classNames={{ input: 'mono', label: 'mono' }}
                onChange={(next) => test.setRow(id, { text: next })}
              />
              {!fixed && (
                <ActionIcon variant="subtle" color="gray" mb={4} aria-label={m.test.removeAttribute(name)} onClick={() => test.removeRow(id)}>
                  <IconX size={15} />
                </ActionIcon>
              )}
            </Group>
          )
        })}
        <Button
          variant="subtle"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={test.addRow}
        >
          {m.test.addAttribute}
        </Button>
      </Stack>
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
    </Paper>
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
