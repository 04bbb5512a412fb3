import { Anchor, Button, Code, CopyButton, Group, Paper, SegmentedControl, Skeleton, Text, Title } from '@mantine/core'
import { IconCheck, IconCircleCheckFilled, IconCopy, IconKey } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { client, unwrap } from '@/shared/api/client'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments, useScope, type Scope } from '@/shared/project/scope'
import { onboardingQuery } from '@/shared/project/usage'
import classes from './Connect.module.css'
import { useCreateKey } from './createKey'
import { connectLanguages, connectSnippet, installCommand, type ConnectLanguage } from './snippets'

/** A flag to ask for in the code: a boolean one, as the code does. */
const sampleFlagQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['flags', org, project, 'sample'],
    queryFn: async () =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects/{project}/flags', { params: { path: { org, project }, query: { limit: 1, type: 'boolean', sort: '-createdAt' } } }),
        )
      ).items[0] ?? null,
  })

/** How to connect an application: a key, a few lines of code, and the moment when the first evaluation arrives. */
export function ConnectPage() {
  const m = useMessages()
  const scope = useScope()
  const { environments, current, choose } = useEnvironments()
  return (
    <div style={{ maxWidth: 860, padding: 'var(--mantine-spacing-md)' }}>
      <Title order={1} size="h3">
        {m.connect.title}
      </Title>
      <Text c="dimmed" mb="md">
        {m.connect.subtitle}
      </Text>
      {current === undefined ? (
        <Skeleton h={420} />
      ) : (
        <Steps key={current.key} scope={scope} environments={environments} environment={current} onChoose={choose} />
      )}
    </div>
  )
}

type StepsProps = { scope: Scope; environments: EnvironmentView[]; environment: EnvironmentView; onChoose: (key: string) => void }

function Steps({ scope, environments, environment, onChoose }: StepsProps) {
  const m = useMessages()
  const [language, setLanguage] = useState<ConnectLanguage>('dotnet')
  const { data: flag } = useQuery(sampleFlagQuery(scope))
  const [secrets, setSecrets] = useState<{ server?: string; client?: string }>({})
  const create = useCreateKey(scope, environment.key)
  const canCreate = useCan('key.manage', { ...scope, environment: environment.key })
  const kind = connectLanguages.find(({ value }) => value === language)?.kind ?? 'server'
  const secret = secrets[kind]
  const install = installCommand[language]
  const code = connectSnippet(language, location.origin, secret ?? (kind === 'server' ? 'tgs_…' : 'tgc_…'), flag?.key ?? 'my-first-flag')
  const makeKey = () =>
    create.mutate(
      { name: m.connect.keyName, kind },
      {
        onSuccess: (key) => setSecrets((known) => ({ ...known, [kind]: key.secret ?? undefined })),
        onError: (error) => showError(m.errors.title, error, m),
      },
    )

  return (
    <ol className={classes.steps}>
      <Step number={1} title={m.connect.where}>
        <Group gap="md">
          <SegmentedControl
            aria-label={m.app.environment}
            // Not the bare keys: the control looks them up in an object, where every object has a `constructor`.
            value={`key ${environment.key}`}
            onChange={(value) => onChoose(value.slice(4))}
            data={environments.map((item) => ({ value: `key ${item.key}`, label: <EnvironmentMark environment={item} /> }))}
            style={{ maxWidth: '100%', overflowX: 'auto' }}
          />
          <SegmentedControl aria-label={m.connect.language} style={{ maxWidth: '100%', overflowX: 'auto' }} value={language} onChange={(value) => setLanguage(value as ConnectLanguage)} data={connectLanguages} />
        </Group>
      </Step>
      <Step number={2} title={kind === 'server' ? m.connect.serverKey : m.connect.clientKey}>
        {secret !== undefined ? (
          <Text size="sm">
            <IconCheck size={16} color="var(--mantine-color-teal-6)" aria-hidden style={{ verticalAlign: '-3px', marginRight: 6 }} />
            {m.connect.keyReady}
          </Text>
        ) : canCreate ? (
          <Group>
            <Button leftSection={<IconKey size={17} aria-hidden />} onClick={makeKey} loading={create.isPending}>
              {m.connect.createKey(environment.name)}
            </Button>
            <Text size="sm" c="dimmed">
              {m.connect.orExisting}
            </Text>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {m.connect.mayNotCreate(environment.name)}
          </Text>
        )}
      </Step>
      <Step number={3} title={m.connect.code}>
        {flag === null && (
          <Text size="sm" mb="xs">
            {m.connect.noFlag}{' '}
            <Anchor component={Link} to="/p/$org/$project/flags" params={scope as never} size="sm">
              {m.connect.createFlag}
            </Anchor>
          </Text>
        )}
        {install && <Snippet text={install} label={m.connect.install} />}
        <Snippet text={code} label={m.connect.code} />
        {kind === 'client' && flag && !flag.clientVisible && (
          <Text size="sm" mt="xs" c="var(--mantine-color-orange-light-color)">
            {m.connect.notClientVisible(flag.key)}
          </Text>
        )}
      </Step>
      <Step number={4} title={m.connect.run}>
        <Waiting scope={scope} environment={environment} />
      </Step>
    </ol>
  )
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <Paper component="li" className="surface" p="md">
      <Group gap="sm" mb="sm" wrap="nowrap">
        <span className={classes.number} aria-hidden>
          {number}
        </span>
        <Title order={2} size="h5">
          {title}
        </Title>
      </Group>
      {children}
    </Paper>
  )
}

function Snippet({ text, label }: { text: string; label: string }) {
  const m = useMessages()
  return (
    <div style={{ position: 'relative', marginTop: 8 }}>
      <Code block fz={13} pr={100} tabIndex={0} aria-label={label} role="region">
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="compact-xs"
            pos="absolute"
            top={7}
            right={7}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            onClick={copy}
            aria-label={`${m.common.copy}: ${label}`}
          >
            {copied ? m.common.copied : m.common.copy}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}

/** Waits for the first evaluation, and says so when it is there. */
function Waiting({ scope, environment }: { scope: Scope; environment: EnvironmentView }) {
  const m = useMessages()
  const { data } = useQuery(onboardingQuery(scope))
  const state = data?.environments.find((item) => item.environment === environment.key)
  if (data === undefined) {
    return <Skeleton h={44} />
  }
  return (
    <div className={classes.waiting} role="status">
      {state?.firstEvaluatedAt ? (
        <>
          <IconCircleCheckFilled size={28} color="var(--mantine-color-teal-6)" aria-hidden />
          <div>
            <Text fw={600}>{m.connect.connected(environment.name)}</Text>
            <Text size="sm" c="dimmed">
              {m.connect.lastEvaluation} {state.lastEvaluatedAt && <RelativeTime at={state.lastEvaluatedAt} />}
              {state.sdk && ` · ${state.sdk === 'remote' ? m.overview.remote : state.sdk}`}
            </Text>
          </div>
        </>
      ) : (
        <>
          <span className={classes.pulse} aria-hidden />
          <div>
            <Text fw={600}>{m.connect.waiting(environment.name)}</Text>
            <Text size="sm" c="dimmed">
              {state?.keyUsedAt ? m.connect.keySeen : m.connect.waitingHint}
            </Text>
          </div>
        </>
      )}
    </div>
  )
}
