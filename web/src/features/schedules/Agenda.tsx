import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { zonedText } from '@/shared/schedules/zoned'
import { shorten, type AgendaItem } from './agendaItems'

type Props = { scope: Scope; items: AgendaItem[]; environments: EnvironmentView[]; zone: string }

const most = 2000

/** The same as a list by days, which also fits a phone and can be read aloud. */
export function Agenda({ scope, items, environments, zone }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const byDay = new Map<string, AgendaItem[]>()
  for (const item of items.slice(0, most)) {
    const day = zonedText(item.at, zone, language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
    byDay.set(day, [...(byDay.get(day) ?? []), item])
  }
  return (
    <Paper className="surface" p="md" component="section" aria-label={m.schedules.agenda}>
      <Title order={2} size="h5" mb="xs">
        {m.schedules.agenda}
      </Title>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.schedules.emptyRange}
        </Text>
      )}
      <Stack gap="sm">
        {[...byDay].map(([day, changes]) => (
          <div key={day}>
            <Text size="sm" fw={600} mb={2}>
              {day}
            </Text>
            <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: 'none' }}>
              {shorten(changes).map(({ item, more }) => {
                const environment = environments.find(({ key }) => key === item.environment)
                return (
                  <Group component="li" key={`${item.at} ${item.flag} ${item.environment} ${item.schedule}`} gap={8}>
                    <Text size="sm" className="mono" w={48}>
                      {zonedText(item.at, zone, language, { hour: '2-digit', minute: '2-digit' })}
                    </Text>
                    <Badge variant="light" tt="none" color={item.enabled === null ? 'brand' : item.enabled ? 'teal' : 'gray'} miw={52}>
                      {item.enabled === null ? m.schedules.does.configure : item.enabled ? m.common.on : m.common.off}
                    </Badge>
                    <Text component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: item.flag } as never} search={{ tab: 'schedules', env: item.environment } as never} size="sm" c="var(--mantine-color-anchor)" style={{ overflowWrap: 'anywhere' }}>
                      {item.flagName || item.flag}
                    </Text>
                    {environment ? <EnvironmentMark environment={environment} size="xs" /> : null}
                    <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {item.name}
                      {more > 0 && ` ${m.schedules.moreOfOne(more)}`}
                    </Text>
                  </Group>
                )
              })}
            </Stack>
          </div>
        ))}
      </Stack>
      {items.length > most && (
        <Text size="sm" c="dimmed" mt="xs">
          {m.schedules.more1(items.length - most)}
        </Text>
      )}
    </Paper>
  )
}
