import { closestCenter, DndContext, KeyboardSensor, PointerSensor, useSensor, useSensors, type DragEndEvent } from '@dnd-kit/core'
import { arrayMove, SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable'
import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconArrowsDiff, IconPlus } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { useEnvironmentActions } from './api/environments'
import { DeleteEnvironmentDialog } from './DeleteEnvironmentDialog'
import { EnvironmentCard } from './EnvironmentCard'
import { EnvironmentDialog } from './EnvironmentDialog'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/environments')

export function EnvironmentsPage() {
  const m = useMessages()
  const t = useTexts()
  const scope = route.useParams()
  const canManage = useCan('project.manage', scope)
  const { environments } = useEnvironments()
  const { order } = useEnvironmentActions(scope)
  const [editing, setEditing] = useState<EnvironmentView | 'new' | null>(null)
  const [deleting, setDeleting] = useState<EnvironmentView | null>(null)
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  )
  // As it was dropped, until the server has answered.
  const keys = order.isPending ? order.variables : environments.map(({ key }) => key)
  const shown = keys.flatMap((key) => environments.find((item) => item.key === key) ?? [])
  const nameOf = (key: unknown) => environments.find((item) => item.key === key)?.name ?? String(key)
  const placeOf = (key: unknown) => keys.indexOf(String(key)) + 1

  const dropped = ({ active, over }: DragEndEvent) => {
    if (over !== null && active.id !== over.id) {
      order.mutate(arrayMove(keys, keys.indexOf(String(active.id)), keys.indexOf(String(over.id))), {
        onError: (error) => showError(m.errors.title, error, m),
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
        <Group gap="xs">
          {environments.length > 1 && (
            <Button
              variant="default"
              leftSection={<IconArrowsDiff size={17} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/p/$org/$project/environments/compare" params={scope as never} />}
            >
              {m.compare.title}
            </Button>
          )}
          {canManage && (
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')}>
              {m.environments.create}
            </Button>
          )}
        </Group>
      </Group>
      {environments.length === 0 && <Skeleton height={320} />}
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={dropped}
        accessibility={{
          screenReaderInstructions: { draggable: t.compare.moveInstructions },
          announcements: {
            onDragStart: ({ active }) => t.compare.moveStart(nameOf(active.id), placeOf(active.id)),
            onDragOver: ({ active, over }) => (over === null ? undefined : t.compare.moveOver(nameOf(active.id), placeOf(over.id))),
            onDragEnd: ({ active, over }) => t.compare.moveEnd(nameOf(active.id), placeOf(over?.id ?? active.id)),
            onDragCancel: ({ active }) => t.compare.moveCancel(nameOf(active.id)),
          },
        }}
      >
        <SortableContext items={keys} strategy={verticalListSortingStrategy}>
          <Stack gap="md">
            {shown.map((environment) => (
              <EnvironmentCard
                key={environment.key}
                scope={scope}
                environment={environment}
                canManage={canManage}
                alone={environments.length < 2}
                onEdit={() => setEditing(environment)}
                onDelete={() => setDeleting(environment)}
              />
            ))}
          </Stack>
        </SortableContext>
      </DndContext>
      {editing !== null && (
        <EnvironmentDialog scope={scope} environment={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
      {deleting !== null && <DeleteEnvironmentDialog scope={scope} environment={deleting} onClose={() => setDeleting(null)} />}
    </div>
  )
}
