import { Badge, Button, Code, Group, Stack, Tabs, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { ChangeTable } from '@/shared/audit/ChangeTable'
import type { RequestedChange } from '@/shared/changes/changeRequests'
import type { EnvironmentView } from '@/shared/api/types'
import { useMessages as useAuditMessages } from '@/shared/audit/texts/messages'
import { useTexts } from './texts/useTexts'

type Props = { change: RequestedChange; environments: EnvironmentView[]; onLeaveOut?: () => void }

const text = (value: unknown) => (value === null || value === undefined ? '' : JSON.stringify(value, null, 2))

/** One change of a request: in a sentence, member by member, and as the documents before and after. */
export function ChangeCard({ change, environments, onLeaveOut }: Props) {
  const audit = useAuditMessages()
  const t = useTexts()
  const phrases = t.does as Record<string, string>
  const [before = '', after = ''] = (phrases[change.action.replace('.', '_')] ?? t.does.other).split('{what}')
  const entity = change.action.split('.')[0] ?? ''
  const environment = environments.find(({ key }) => key === change.environment)
  return (
    <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="xs">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {before}
          <b className="mono">{change.entityKey}</b>
          {after}
          {change.environment !== null && change.environment !== change.entityKey && (
            <>
              {' '}
              {audit.audit.in} <Badge variant="default" tt="none" size="sm">{environment?.name ?? change.environment}</Badge>
            </>
          )}
          {change.reason !== null && <Text span c="dimmed"> – {change.reason}</Text>}
        </Text>
        {onLeaveOut && (
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconX size={13} aria-hidden />} onClick={onLeaveOut}>
            {t.leaveOut}
          </Button>
        )}
      </Group>
      <Tabs defaultValue="fields" keepMounted={false} variant="pills">
        <Tabs.List mb="xs">
          <Tabs.Tab value="fields">{t.fields}</Tabs.Tab>
          <Tabs.Tab value="json">{t.json}</Tabs.Tab>
          <Tabs.Tab value="call">{t.call}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fields">
          <ChangeTable changes={change.diff} hasMore={change.hasMoreDiff} entity={entity} entityKey={change.entityKey} />
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <Group align="stretch" gap="sm" grow preventGrowOverflow={false}>
            {[
              [t.before, change.before],
              [t.after, change.after],
            ].map(([label, value]) => (
              <Stack key={String(label)} gap={4} miw={240} style={{ overflow: 'hidden' }}>
                <Text size="xs" fw={600}>
                  {String(label)}
                </Text>
                <Code block tabIndex={0} role="region" aria-label={String(label)} mah={420} style={{ overflow: 'auto' }}>
                  {text(value)}
                </Code>
              </Stack>
            ))}
          </Group>
        </Tabs.Panel>
        <Tabs.Panel value="call">
          <Code block tabIndex={0} role="region" aria-label={t.call} mah={420} style={{ overflow: 'auto' }}>
            {`${change.method} ${change.path}\n${text(change.body)}`}
          </Code>
        </Tabs.Panel>
      </Tabs>
    </section>
  )
}
