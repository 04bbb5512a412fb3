import { Group, Text, Tooltip } from '@mantine/core'
import { IconShieldExclamation } from '@tabler/icons-react'
import type { EnvironmentView } from '../api/types'
import { useMessages } from '../i18n/messages'
import { environmentColor } from '../project/scope'

type Props = { environment: Pick<EnvironmentView, 'name' | 'color' | 'critical'>; size?: 'xs' | 'sm' }

/** The name of an environment with its colour; a critical one wears a shield instead of a dot. */
export function EnvironmentMark({ environment, size = 'sm' }: Props) {
  const m = useMessages()
  const color = environmentColor(environment)
  return (
    <Group gap={6} wrap="nowrap" miw={0} component="span">
      {environment.critical ? (
        <Tooltip label={`${m.app.critical}: ${m.app.criticalHint}`}>
          <IconShieldExclamation size={16} color={color} aria-label={m.app.critical} style={{ flex: 'none' }} />
        </Tooltip>
      ) : (
        <span aria-hidden style={{ width: 9, height: 9, borderRadius: 9, background: color, flex: 'none' }} />
      )}
      <Text span size={size} fw={environment.critical ? 650 : 500} truncate>
        {environment.name}
      </Text>
    </Group>
  )
}
