import { ActionIcon, Button, Group, Menu, Paper, Stack, Text, Title } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDots, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { environmentColor, useEnvironments } from '@/shared/project/scope'
import { useEnvironmentActions } from './api/environments'
import { EnvironmentDialog } from './EnvironmentDialog'
import { SdkKeys } from './SdkKeys'

const route = getRouteApi('/signedIn/p/$org/$project/environments')

export function EnvironmentsPage() {
  const m = useMessages()
  const scope = route.useParams()
  const confirm = useConfirm()
  const canManage = useCan('project.manage', scope)
  const { environments } = useEnvironments()
  const actions = useEnvironmentActions(scope)
  const [editing, setEditing] = useState<EnvironmentView | 'new' | null>(null)
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const move = (index: number, by: number) => {
    const keys = environments.map(({ key }) => key)
    const [moved] = keys.splice(index, 1)
    if (moved !== undefined) {
      keys.splice(index + by, 0, moved)
      actions.order.mutate(keys, { onError: failed })
    }
  }
  const remove = async (environment: EnvironmentView) => {
    if (
      await confirm({
        title: m.environments.deleteTitle(environment.name),
        text: m.environments.deleteText,
        confirm: m.environments.delete,
        danger: true,
      })
    ) {
      actions.remove.mutate(environment.key, {
        onSuccess: () => showDone(m.environments.deleted(environment.name), m),
        onError: failed,
      })
    }
  }

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Group justify="space-between" mb="md" align="flex-start">
        <div>
          <Title order={1} size="h3">
            {m.environments.title}
          </Title>
          <Text c="dimmed" size="sm">
            {m.environments.subtitle}
          </Text>
        </div>
        {canManage && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')}>
            {m.environments.create}
          </Button>
        )}
      </Group>
      <Stack gap="md">
        {environments.map((environment, index) => (
          <Paper
            key={environment.key}
            className="surface"
            component="section"
            aria-label={environment.name}
            style={{ borderLeft: `4px solid ${environmentColor(environment)}` }}
          >
            <Group justify="space-between" p="md" pb={0} wrap="nowrap">
              <Group gap="md" miw={0}>
                <Title order={2} size="h5">
                  <EnvironmentMark environment={environment} />
                </Title>
                <CopyKey value={environment.key} />
                <Text size="xs" c="dimmed" className="mono">
                  {m.environments.revision(environment.revision)}
                </Text>
              </Group>
              {canManage && (
                <Group gap={2} wrap="nowrap">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    disabled={index === 0}
                    aria-label={m.environments.moveLeft(environment.name)}
                    onClick={() => move(index, -1)}
                  >
                    <IconArrowUp size={17} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    disabled={index === environments.length - 1}
                    aria-label={m.environments.moveRight(environment.name)}
                    onClick={() => move(index, 1)}
                  >
                    <IconArrowDown size={17} />
                  </ActionIcon>
                  <ActionIcon variant="subtle" color="gray" aria-label={m.environments.edit(environment.name)} onClick={() => setEditing(environment)}>
                    <IconPencil size={17} />
                  </ActionIcon>
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${environment.name}`}>
                        <IconDots size={17} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item
                        color="red"
                        leftSection={<IconTrash size={15} />}
                        disabled={environments.length < 2}
                        onClick={() => void remove(environment)}
                      >
                        {m.environments.delete}
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </Group>
              )}
            </Group>
            <SdkKeys scope={scope} environment={environment} />
          </Paper>
        ))}
      </Stack>
      {editing !== null && (
        <EnvironmentDialog scope={scope} environment={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  )
}
