import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { IconBookmark, IconBookmarkPlus, IconCheck, IconChevronDown, IconDeviceFloppy, IconPencil, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { showDone, showError } from '@/shared/components/feedback'
import { queryOf, searchOf, type FlagListSearch } from '@/shared/flags/listSearch'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useViewActions, viewsQuery, type SavedView } from '../api/views'
import { ViewDialog } from './ViewDialog'

type Props = { scope: Scope; search: FlagListSearch; onOpen: (search: FlagListSearch) => void }

/** The saved views: open one, save what is on the screen as one, change those that one may change. */
export default function ViewsMenu({ scope, search, onOpen }: Props) {
  const m = useMessages()
  const { data: views = [] } = useQuery(viewsQuery(scope))
  const { change } = useViewActions(scope)
  const [editing, setEditing] = useState<SavedView | 'new' | null>(null)
  const mayShare = useCan('flag.manage', scope)
  const open = views.find(({ id }) => id === search.view)
  const query = queryOf(search)
  const isChanged = open !== undefined && open.query !== query
  const mayChange = (view: SavedView) => (view.shared ? mayShare : view.mine)

  const item = (view: SavedView) => (
    <Group key={view.id} gap={0} wrap="nowrap">
      <Menu.Item
        style={{ flex: 1, minWidth: 0 }}
        leftSection={view.id === open?.id ? <IconCheck size={15} aria-hidden /> : <span style={{ display: 'block', width: 15 }} />}
        onClick={() => onOpen({ ...searchOf(view.query), view: view.id })}
      >
        <Text size="sm" truncate maw={220}>
          {view.name}
        </Text>
        {view.shared && !view.mine && view.owner && (
          <Text size="xs" c="dimmed" truncate maw={220}>
            {m.flagList.by(view.owner.name)}
          </Text>
        )}
      </Menu.Item>
      {mayChange(view) && (
        <Menu.Item component="div" w="auto" p={0}>
          <ActionIcon variant="subtle" color="gray" aria-label={m.flagList.viewEdit(view.name)} onClick={() => setEditing(view)}>
            <IconPencil size={15} aria-hidden />
          </ActionIcon>
        </Menu.Item>
      )}
    </Group>
  )
  const mine = views.filter((view) => !view.shared)
  const shared = views.filter((view) => view.shared)

  return (
    <>
      {open !== undefined && isChanged && mayChange(open) && (
        <Button
          variant="light"
          leftSection={<IconDeviceFloppy size={16} aria-hidden />}
          loading={change.isPending}
          onClick={() =>
            change.mutate(
              { id: open.id, query },
              { onSuccess: () => showDone(m.flagList.viewUpdated(open.name), m), onError: (error) => showError(m.flagList.viewFailed, error, m) },
            )
          }
        >
          {m.flagList.viewUpdate(open.name)}
        </Button>
      )}
      <Menu position="bottom-end" shadow="md" width={300}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />} maw={220}>
            {open === undefined ? m.flagList.views : open.name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={460} style={{ overflowY: 'auto' }}>
          <Menu.Item leftSection={open === undefined && query === '' ? <IconCheck size={15} aria-hidden /> : <span style={{ display: 'block', width: 15 }} />} onClick={() => onOpen({})}>
            {m.flagList.viewDefault}
          </Menu.Item>
          {mine.length > 0 && <Menu.Label>{m.flagList.viewsMine}</Menu.Label>}
          {mine.map(item)}
          {shared.length > 0 && (
            <Menu.Label>
              <Group gap={6}>
                <IconUsers size={13} aria-hidden />
                {m.flagList.viewsShared}
              </Group>
            </Menu.Label>
          )}
          {shared.map(item)}
          <Menu.Divider />
          {views.length === 0 && (
            <Text size="xs" c="dimmed" px="sm" py={6}>
              {m.flagList.viewsNone}
            </Text>
          )}
          <Menu.Item leftSection={<IconBookmarkPlus size={15} aria-hidden />} onClick={() => setEditing('new')}>
            {m.flagList.viewSave}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {editing !== null && (
        <ViewDialog
          scope={scope}
          view={editing === 'new' ? null : editing}
          query={query}
          mayShare={mayShare}
          onSaved={(view) => {
            setEditing(null)
            if (editing === 'new') {
              onOpen({ ...search, view: view.id })
            }
          }}
          onDeleted={(view) => {
            setEditing(null)
            if (view.id === search.view) {
              onOpen({ ...search, view: undefined })
            }
          }}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  )
}
