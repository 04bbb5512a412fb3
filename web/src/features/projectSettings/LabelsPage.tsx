import { ActionIcon, Anchor, Badge, Text, Tooltip } from '@mantine/core'
import { IconFolder, IconPencil, IconTag, IconTrash, IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyKey } from '@/shared/components/CopyKey'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { TagBadge } from '@/shared/components/TagBadge'
import { flagListQuery, type FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import { categoriesQuery, tagsQuery } from '@/shared/project/catalogue'
import { useCan } from '@/shared/project/me'
import { useScope } from '@/shared/project/scope'
import { LabelDeleteDialog } from './LabelDeleteDialog'
import { LabelDialog } from './LabelDialog'
import { ListFrame, matches } from './ListFrame'
import classes from './ProjectSettingsPage.module.css'

type What = 'tags' | 'categories'
type Row = { key: string; name: string; description: string; version: number; color?: string; fixed: boolean; kind?: 'system' | 'domain' | 'user' }

export const TagsPage = () => <LabelsPage what="tags" />
export const CategoriesPage = () => <LabelsPage what="categories" />

/** The tags or the categories of a project, and how many flags each is on. */
function LabelsPage({ what }: { what: What }) {
  const m = useMessages()
  const scope = useScope()
  const canManage = useCan(what === 'tags' ? 'tag.manage' : 'category.manage', scope)
  const seesFlags = useCan('flag.view', scope)
  const tags = useQuery({ ...tagsQuery(scope), enabled: what === 'tags' })
  const categories = useQuery({ ...categoriesQuery(scope), enabled: what === 'categories' })
  const flags = useQuery({ ...flagListQuery(scope), enabled: seesFlags })
  const list = what === 'tags' ? tags : categories
  const [search, setSearch] = useState('')
  const [editing, setEditing] = useState<Row | 'new' | null>(null)
  const [deleting, setDeleting] = useState<Row | null>(null)
  const rows: Row[] =
    what === 'tags'
      ? (tags.data ?? []).map((tag) => ({ ...tag, fixed: tag.safety }))
      : (categories.data ?? []).map((category) => ({ ...category, fixed: category.kind === 'system' }))
  const shown = rows.filter((row) => matches(search, row.key, row.name, row.description)).toSorted((a, b) => Number(b.fixed) - Number(a.fixed))
  const has = (flag: FlagItem, key: string) => (what === 'tags' ? flag.tags.includes(key) : flag.category === key)
  const usersOf = (key: string) => flags.data?.items.filter((flag) => has(flag, key))

  if (list.isError && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  }
  return (
    <>
      <ListFrame
        title={m.labels[what]}
        text={m.labels.text[what]}
        create={canManage ? m.labels.new[what] : null}
        onCreate={() => setEditing('new')}
        loading={list.isPending}
        count={rows.length}
        search={search}
        onSearch={setSearch}
        instead={
          rows.length === 0 ? (
            <EmptyState icon={what === 'tags' ? IconTag : IconFolder} title={m.labels.empty[what]} text={m.labels.emptyText[what]} />
          ) : shown.length === 0 ? (
            <EmptyState icon={IconZoomQuestion} title={m.labels.nothingFound} />
          ) : undefined
        }
      >
        {shown.map((row) => {
          const name = row.name || row.key
          const users = usersOf(row.key)
          return (
            <li key={row.key} className={classes.row}>
              <div style={{ minWidth: 0 }}>
                {what === 'tags' ? (
                  <TagBadge tag={{ key: row.key, name: row.name, color: row.color ?? '' }} />
                ) : (
                  <Text size="sm" fw={600} truncate>
                    {name}
                  </Text>
                )}
                <CopyKey value={row.key} />
              </div>
              <div className={classes.text} style={{ minWidth: 0 }}>
                {(row.fixed || row.kind === 'domain') && (
                  <Badge variant="default" size="xs" tt="none" mb={2}>
                    {row.kind === 'domain' ? m.labels.kinds.domain : what === 'tags' ? m.labels.safety : m.labels.system}
                  </Badge>
                )}
                <Text size="sm" c="dimmed" lineClamp={3} style={{ overflowWrap: 'anywhere' }}>
                  {what === 'tags' && row.fixed ? (m.labels.safetyHints[row.key as keyof typeof m.labels.safetyHints] ?? row.description) : row.description}
                </Text>
              </div>
              <div className={classes.uses}>
                {seesFlags &&
                  users !== undefined &&
                  (users.length === 0 ? (
                    <Text size="sm" c="dimmed">
                      {m.labels.unused}
                    </Text>
                  ) : (
                    <Anchor
                      size="sm"
                      renderRoot={(props) => (
                        <Link
                          to="/p/$org/$project/flags"
                          params={scope}
                          search={(previous) => ({ env: previous.env, ...(what === 'tags' ? { tag: row.key } : { category: row.key }), archived: 'all' as const })}
                          {...props}
                        />
                      )}
                    >
                      {m.labels.flags(users.length)}
                    </Anchor>
                  ))}
              </div>
              <div className={classes.actions}>
                {canManage && (
                  <>
                    <Tooltip label={m.common.edit}>
                      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.labels.edit(name)} onClick={() => setEditing(row)}>
                        <IconPencil size={17} />
                      </ActionIcon>
                    </Tooltip>
                    {!row.fixed && (
                      <Tooltip label={m.common.delete}>
                        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.labels.delete(name)} onClick={() => setDeleting(row)}>
                          <IconTrash size={17} />
                        </ActionIcon>
                      </Tooltip>
                    )}
                  </>
                )}
              </div>
            </li>
          )
        })}
      </ListFrame>
      {editing !== null && <LabelDialog scope={scope} what={what} label={editing === 'new' ? null : (rows.find(({ key }) => key === editing.key) ?? editing)} onClose={() => setEditing(null)} />}
      {deleting !== null && (
        <LabelDeleteDialog scope={scope} what={what} label={deleting} users={usersOf(deleting.key) ?? []} onClose={() => setDeleting(null)} />
      )}
    </>
  )
}
