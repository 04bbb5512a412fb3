import { ActionIcon, Badge, Button, Text, Title, Tooltip, UnstyledButton } from '@mantine/core'
import { IconAdjustments, IconPencil, IconTrash, IconZoomQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import type { AttributeView } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { attributesQuery } from '@/shared/project/catalogue'
import { useCan } from '@/shared/project/me'
import { useScope } from '@/shared/project/scope'
import { SeenAgo } from '@/shared/targeting/SeenAgo'
import { useAttributeChoices, type AttributeChoice } from '@/shared/targeting/useAttributeChoices'
import { AttributeDeleteDialog } from './AttributeDeleteDialog'
import { AttributeDrawer } from './AttributeDrawer'
import { ListFrame, matches } from './ListFrame'
import classes from './ProjectSettingsPage.module.css'

/** What contexts of the project have: the targeting editor offers it. */
export function AttributesPage() {
  const m = useMessages()
  const scope = useScope()
  const canManage = useCan('flag.manage', scope)
  const list = useQuery(attributesQuery(scope))
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const choices = useAttributeChoices(scope)
  const seen = choices.filter((item) => !item.isDescribed && matches(search, item.name, ...item.values))
  const [creating, setCreating] = useState<AttributeChoice | boolean>(false)
  const [deleting, setDeleting] = useState<AttributeView | null>(null)
  const shown = (list.data ?? []).filter((item) => matches(search, item.name, item.description, ...item.values))
  const current = list.data?.find(({ name }) => name === open)

  if (list.isError && list.data === undefined) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />
  }
  return (
    <>
      <ListFrame
        title={m.attributes.title}
        text={m.attributes.text}
        create={canManage ? m.attributes.create : null}
        onCreate={() => setCreating(true)}
        loading={list.isPending}
        count={list.data?.length ?? 0}
        search={search}
        onSearch={setSearch}
        instead={
          list.data?.length === 0 ? (
            <EmptyState icon={IconAdjustments} title={m.attributes.emptyTitle} text={m.attributes.emptyText}>
              {canManage && (
                <Button mt="sm" onClick={() => setCreating(true)}>
                  {m.attributes.create}
                </Button>
              )}
            </EmptyState>
          ) : shown.length === 0 ? (
            <EmptyState icon={IconZoomQuestion} title={m.attributes.nothingFound} />
          ) : undefined
        }
      >
        {shown.map((attribute) => (
          <li key={attribute.name} className={classes.row}>
            <div style={{ minWidth: 0 }}>
              <UnstyledButton onClick={() => setOpen(attribute.name)} style={{ maxWidth: '100%' }} aria-label={m.attributes.open(attribute.name)}>
                <Text size="sm" fw={600} className="mono" truncate>
                  {attribute.name}
                </Text>
              </UnstyledButton>
            </div>
            <div className={classes.text} style={{ minWidth: 0 }}>
              {attribute.description !== '' && (
                <Text size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
                  {attribute.description}
                </Text>
              )}
              {attribute.values.length > 0 && (
                <Text size="xs" c="dimmed" truncate>
                  {m.attributes.values(attribute.values.length)}: {attribute.values.slice(0, 8).join(', ')}
                </Text>
              )}
            </div>
            <div className={classes.uses}>
              <SeenAgo at={choices.find(({ name }) => name === attribute.name)?.seenAt} />
              <Badge variant="default" size="sm" tt="none">
                {m.attributes.types[attribute.type]}
              </Badge>
              {attribute.private && (
                <Badge variant="light" color="grape" size="sm" tt="none" ml={6}>
                  {m.attributes.private}
                </Badge>
              )}
            </div>
            <div className={classes.actions}>
              {canManage && (
                <>
                  <Tooltip label={m.common.edit}>
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.labels.edit(attribute.name)} onClick={() => setOpen(attribute.name)}>
                      <IconPencil size={17} />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label={m.common.delete}>
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={m.labels.delete(attribute.name)} onClick={() => setDeleting(attribute)}>
                      <IconTrash size={17} />
                    </ActionIcon>
                  </Tooltip>
                </>
              )}
            </div>
          </li>
        ))}
      </ListFrame>
      {seen.length > 0 && (
        <section aria-label={m.attributes.seenTitle} style={{ marginTop: 'var(--mantine-spacing-lg)' }}>
          <Title order={2} size="h4">
            {m.attributes.seenTitle}
          </Title>
          <Text size="sm" c="dimmed" maw={680} mb="sm">
            {m.attributes.seenText}
          </Text>
          <ul className={`surface ${classes.rows}`}>
            {seen.map((item) => (
              <li key={item.name} className={classes.row}>
                <div style={{ minWidth: 0 }}>
                  <Text size="sm" fw={600} className="mono" truncate>
                    {item.name}
                  </Text>
                  <SeenAgo at={item.seenAt} />
                </div>
                <Text size="xs" c="dimmed" lineClamp={2} className={classes.text} style={{ overflowWrap: 'anywhere' }}>
                  {item.values.slice(0, 12).join(', ')}
                </Text>
                <div className={classes.uses}>
                  <Badge variant="default" size="sm" tt="none">
                    {m.attributes.types[item.type]}
                  </Badge>
                </div>
                <div className={classes.actions}>
                  {canManage && (
                    <Button size="compact-sm" variant="default" aria-label={m.attributes.describe(item.name)} onClick={() => setCreating(item)}>
                      {m.attributes.describeShort}
                    </Button>
                  )}
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {(creating !== false || current !== undefined) && (
        <AttributeDrawer
          key={current?.name ?? (typeof creating === 'object' ? `new ${creating.name}` : '')}
          scope={scope}
          attribute={creating !== false ? null : (current ?? null)}
          observed={typeof creating === 'object' ? creating : choices.find(({ name }) => name === current?.name)}
          canManage={canManage}
          onClose={() => {
            setCreating(false)
            setOpen(null)
          }}
        />
      )}
      {deleting !== null && <AttributeDeleteDialog scope={scope} attribute={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}
