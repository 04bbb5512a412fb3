import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconArchive, IconArchiveOff, IconTagMinus, IconTagPlus, IconToggleLeft, IconToggleRight, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import { tagsQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import type { BulkRequest } from '../api/bulkFlags'
import classes from './BulkBar.module.css'
import { BulkDialog } from './BulkDialog'
import { mostSelected } from './selection'

type Props = {
  scope: Scope
  /** Keys of the selected flags. */
  flags: string[]
  /** How many flags the filters leave. */
  shown: number
  hasArchived: boolean
  hasActive: boolean
  environments: EnvironmentView[]
  mayToggle: (environment: string) => boolean
  mayManage: boolean
  onSelectShown: () => void
  onClear: () => void
}

type Task = Omit<BulkRequest, 'flags'>

/** What can be done to the selected flags. It floats over the end of the list while something is selected. */
export default function BulkBar({ scope, flags, shown, hasArchived, hasActive, environments, mayToggle, mayManage, onSelectShown, onClear }: Props) {
  const m = useMessages()
  const [task, setTask] = useState<Task | null>(null)
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const where = environments.filter(({ key }) => mayToggle(key))

  const choose = (label: string, icon: ReactNode, items: { key: string; content: ReactNode; task: Task }[]) => (
    <Menu position="top" shadow="md">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={icon}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {items.map(({ key, content, task: next }) => (
          <Menu.Item key={key} onClick={() => setTask(next)}>
            {content}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
  const inEach = (action: 'enable' | 'disable') =>
    where.map((environment) => ({ key: environment.key, content: <EnvironmentMark environment={environment} />, task: { action, environment: environment.key } }))
  const withEach = (action: 'addTags' | 'removeTags') => tags.map(({ key, name }) => ({ key, content: name || key, task: { action, tags: [key] } }))

  return (
    <>
      <div className={classes.place}>
        <Group gap="xs" className={classes.bar} role="toolbar" aria-label={m.bulk.actions}>
          <Text size="sm" fw={600} aria-live="polite" style={{ whiteSpace: 'nowrap' }}>
            {m.flagList.selected(flags.length)}
          </Text>
          {shown > flags.length && flags.length < mostSelected && (
            <Button variant="subtle" size="compact-sm" onClick={onSelectShown} title={shown > mostSelected ? m.flagList.most : undefined}>
              {m.flagList.selectTheRest(Math.min(shown, mostSelected))}
            </Button>
          )}
          {where.length > 0 && hasActive && choose(m.bulk.turnOn, <IconToggleRight size={16} aria-hidden />, inEach('enable'))}
          {where.length > 0 && hasActive && choose(m.bulk.turnOff, <IconToggleLeft size={16} aria-hidden />, inEach('disable'))}
          {mayManage && hasActive && tags.length > 0 && choose(m.bulk.addTag, <IconTagPlus size={16} aria-hidden />, withEach('addTags'))}
          {mayManage && hasActive && tags.length > 0 && choose(m.bulk.removeTag, <IconTagMinus size={16} aria-hidden />, withEach('removeTags'))}
          {mayManage && hasActive && (
            <Button variant="default" size="xs" leftSection={<IconArchive size={16} aria-hidden />} onClick={() => setTask({ action: 'archive' })}>
              {m.bulk.archive}
            </Button>
          )}
          {mayManage && hasArchived && (
            <Button variant="default" size="xs" leftSection={<IconArchiveOff size={16} aria-hidden />} onClick={() => setTask({ action: 'restore' })}>
              {m.bulk.restore}
            </Button>
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={m.flagList.clear} onClick={onClear}>
            <IconX size={17} aria-hidden />
          </ActionIcon>
        </Group>
      </div>
      {task !== null && (
        <BulkDialog
          scope={scope}
          request={{ ...task, flags }}
          environment={environments.find(({ key }) => key === task.environment)}
          tag={tags.find(({ key }) => key === task.tags?.[0])?.name ?? task.tags?.[0] ?? ''}
          onDone={() => {
            setTask(null)
            onClear()
          }}
          onClose={() => setTask(null)}
        />
      )}
    </>
  )
}
