import { Paper, Skeleton, Text, Title } from '@mantine/core'
import type { components } from '@/shared/api/schema'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import classes from './Overview.module.css'
import { Link } from '@tanstack/react-router'

type Props = { scope: Scope; onboarding: components['schemas']['OnboardingView'] | undefined }

/** Each environment with its keys and when it was evaluated in last. */
export function EnvironmentStates({ scope, onboarding }: Props) {
  const m = useMessages()
  const { environments } = useEnvironments()
  return (
    <Paper className="surface" p="md">
      <Title order={2} size="h5" mb="xs">
        {m.app.environments}
      </Title>
      {onboarding === undefined && <Skeleton h={120} />}
      {onboarding !== undefined &&
        environments.map((environment) => {
          const state = onboarding.environments.find((item) => item.environment === environment.key)
          const keys = (state?.serverKeys ?? 0) + (state?.clientKeys ?? 0)
          return (
            <Link key={environment.key} to="/p/$org/$project/connect" params={scope} search={(previous) => ({ ...previous, env: environment.key })} className={classes.row}>
              <span style={{ flex: 1, minWidth: 0 }}>
                <EnvironmentMark environment={environment} />
                <Text span size="xs" c="dimmed" display="block" truncate>
                  {keys === 0 ? m.overview.noKeys : m.overview.keys(keys)}
                  {state?.sdk ? ` · ${state.sdk === 'remote' ? m.overview.remote : state.sdk}` : ''}
                </Text>
              </span>
              <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                {state?.lastEvaluatedAt ? <RelativeTime at={state.lastEvaluatedAt} /> : m.usage.never}
              </Text>
            </Link>
          )
        })}
    </Paper>
  )
}
