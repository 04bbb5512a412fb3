import { Button, List, Text, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconUserSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/shared/components/EmptyState'
import { CodeBlock } from '@/shared/health/CodeBlock'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import type { ExperimentView } from '../api'
import { useResultTexts } from './texts/messages'

/** Nobody has been seen yet: what must happen, and how to try it. */
export function Waiting({ scope, experiment }: { scope: Scope; experiment: ExperimentView }) {
  const m = useMessages()
  const { r } = useResultTexts()
  const { key, flag, environment, flagEnabled, stoppedAt, variations } = experiment
  if (stoppedAt !== null) {
    return <EmptyState icon={IconUserSearch} title={r.waitingOver} />
  }
  const { origin } = window.location
  const exposure = { type: 'exposure', id: '6f1c', at: new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString(), experiment: key, flag, variant: variations[0]?.key ?? '', unit: 'user-1' }
  return (
    <EmptyState icon={IconUserSearch} title={r.waiting} text={r.waitingText}>
      <List type="ordered" size="sm" spacing="sm" mt="sm" style={{ textAlign: 'left', width: '100%', maxWidth: 680 }} styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}>
        <List.Item>
          {flagEnabled ? (
            r.steps.flagOn
          ) : (
            <Text span size="sm" fw={600}>
              <ThemeIcon size={18} variant="transparent" color="orange" style={{ verticalAlign: 'text-bottom' }}>
                <IconAlertTriangle size={16} aria-hidden />
              </ThemeIcon>{' '}
              {r.steps.flagOff}
            </Text>
          )}
        </List.Item>
        <List.Item>
          {r.steps.evaluate}{' '}
          <Button component={Link} to="/p/$org/$project/connect" params={scope as never} search={{ env: environment } as never} size="compact-xs" variant="light">
            {m.projectSettings.connect}
          </Button>
        </List.Item>
        <List.Item>
          {r.steps.expose}
          <CodeBlock code={`curl -X POST '${origin}/sdk/v1/events' \\\n  -H "Authorization: $SDK_KEY" -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({ events: [exposure] })}'`} />
        </List.Item>
        <List.Item>{r.steps.track}</List.Item>
        <List.Item>
          {r.steps.simulate}
          <CodeBlock code={`togglr simulate --url ${origin} --key tgs_… --users 20000 --effect 0.1 --hours 0 --minutes 10`} />
        </List.Item>
      </List>
    </EmptyState>
  )
}
