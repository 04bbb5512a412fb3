import { Badge, Button, Menu } from '@mantine/core'
import { IconCheck, IconChevronDown } from '@tabler/icons-react'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import { environmentColor } from '@/shared/project/scope'

type Props = {
  environments: EnvironmentView[]
  current: EnvironmentView | undefined
  onChoose: (key: string) => void
}

export function EnvironmentSwitcher({ environments, current, onChoose }: Props) {
  const m = useMessages()
  if (current === undefined) {
    return null
  }
  const color = environmentColor(current)
  return (
    // Within the header: what is outside of every landmark is not found by way of them.
    <Menu position="bottom-start" width={240} withinPortal={false} styles={{ dropdown: { maxHeight: '70dvh', overflowY: 'auto' } }}>
      <Menu.Target>
        <Button
          variant="default"
          px="sm"
          maw={220}
          rightSection={<IconChevronDown size={15} aria-hidden />}
          aria-label={`${m.app.switchEnvironment}: ${current.name}`}
          style={{
            flex: '0 2 auto',
            minWidth: 'min(88px, 24vw)',
            borderColor: current.critical ? color : undefined,
            background: current.critical ? `color-mix(in srgb, ${color} 9%, var(--mantine-color-body))` : undefined,
          }}
        >
          <EnvironmentMark environment={current} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{m.app.environment}</Menu.Label>
        {environments.map((environment) => (
          <Menu.Item
            key={environment.key}
            onClick={() => onChoose(environment.key)}
            rightSection={
              environment.key === current.key ? (
                <IconCheck size={15} aria-hidden />
              ) : environment.critical ? (
                <Badge size="xs" variant="light" color="red">
                  {m.app.critical}
                </Badge>
              ) : undefined
            }
          >
            <EnvironmentMark environment={environment} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
