import { useSortable } from '@dnd-kit/sortable'
import { CSS } from '@dnd-kit/utilities'
import { ActionIcon, Badge, Group, Menu, Paper, Text, Title, Tooltip } from '@mantine/core'
import { IconArrowsDiff, IconDots, IconGripVertical, IconPencil, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { EnvironmentView } from '@/shared/api/types'
import { CopyKey } from '@/shared/components/CopyKey'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import { useImpactTexts } from '@/shared/impact/texts/useImpactTexts'
import { environmentColor, type Scope } from '@/shared/project/scope'
import classes from './EnvironmentCard.module.css'
import { SdkKeys } from './SdkKeys'
import { useTexts } from './texts/useTexts'

type Props = {
  scope: Scope
  environment: EnvironmentView
  canManage: boolean
  alone: boolean
  onEdit: () => void
  onDelete: () => void
}

/** An environment with its keys. It is moved by its handle, with the pointer or with space and the arrow keys. */
export function EnvironmentCard({ scope, environment, canManage, alone, onEdit, onDelete }: Props) {
  const m = useMessages()
  const t = useTexts()
  const impact = useImpactTexts()
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({ id: environment.key })
  return (
    <Paper
      ref={setNodeRef}
      className={`surface ${classes.card}`}
      component="section"
      aria-label={environment.name}
      data-critical={environment.critical || undefined}
      data-dragging={isDragging || undefined}
      style={{ '--environment-color': environmentColor(environment), transform: CSS.Translate.toString(transform), transition } as React.CSSProperties}
    >
      <Group justify="space-between" p="md" pb={0} wrap="nowrap" align="flex-start">
        <Group gap="sm" miw={0}>
          {canManage && !alone && (
            <ActionIcon
              ref={setActivatorNodeRef}
              {...attributes}
              {...listeners}
              variant="subtle"
              color="gray"
              className={classes.handle}
              aria-label={t.compare.moveEnvironment(environment.name)}
            >
              <IconGripVertical size={17} />
            </ActionIcon>
          )}
          <Title order={2} size="h5">
            <EnvironmentMark environment={environment} />
          </Title>
          {environment.critical && (
            <Badge size="sm" color="red" variant="light">
              {m.app.critical}
            </Badge>
          )}
          {environment.sampling.enabled && (
            <Badge size="sm" color="gray" variant="light" tt="none">
              {impact.settings.badge}
            </Badge>
          )}
          <CopyKey value={environment.key} />
          <Text size="xs" c="dimmed" className="mono">
            {m.environments.revision(environment.revision)}
          </Text>
        </Group>
        <Group gap={2} wrap="nowrap">
          {!alone && (
            <Tooltip label={t.compare.compareWith(environment.name)}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t.compare.compareWith(environment.name)}
                renderRoot={(props) => <Link {...props} to="/p/$org/$project/environments/compare" params={scope as never} search={{ to: environment.key } as never} />}
              >
                <IconArrowsDiff size={17} />
              </ActionIcon>
            </Tooltip>
          )}
          {canManage && (
            <>
              <ActionIcon variant="subtle" color="gray" aria-label={m.environments.edit(environment.name)} onClick={onEdit}>
                <IconPencil size={17} />
              </ActionIcon>
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${environment.name}`}>
                    <IconDots size={17} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item color="red" leftSection={<IconTrash size={15} />} disabled={alone} onClick={onDelete}>
                    {m.environments.delete}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </>
          )}
        </Group>
      </Group>
      <SdkKeys scope={scope} environment={environment} />
    </Paper>
  )
}
