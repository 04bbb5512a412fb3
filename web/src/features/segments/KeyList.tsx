import { ActionIcon, Button, Group, Paper, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconListDetails, IconSearch, IconX } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { segmentKeysQuery, useSegmentKeyActions, type KeyListName } from './api/segmentKeys'
import { ChangeKeysDialog } from './ChangeKeysDialog'
import classes from './KeyList.module.css'
import { useTexts } from './texts/useTexts'

type Props = { scope: Scope; segment: string; list: KeyListName; count: number; canManage: boolean }

/** One of the two lists of a segment: searched and paged by the server, because it may hold a million keys. */
export function KeyList({ scope, segment, list, count, canManage }: Props) {
  const m = useMessages()
  const t = useTexts()
  const [search, setSearch] = useState('')
  const [wanted] = useDebouncedValue(search.trim(), 250)
  const [changing, setChanging] = useState(false)
  const keys = useInfiniteQuery(segmentKeysQuery(scope, segment, list, wanted))
  const { edit } = useSegmentKeyActions(scope, segment, list)
  const shown = keys.data?.pages.flatMap((page) => page.items) ?? []
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const remove = (key: string) =>
    edit.mutate(
      { remove: [key] },
      { onSuccess: () => showDone(m.segments.keyRemoved(key), m, () => edit.mutate({ add: [key] })), onError: failed },
    )
  return (
    <Paper className="surface" p="md" component="section" aria-label={m.segments[list]}>
      <Group justify="space-between" mb={4} gap="xs">
        <Group gap="xs" align="baseline">
          <Title order={2} size="h5">
            {m.segments[list]}
          </Title>
          <Text size="sm" c="dimmed">
            {m.segments.keys(count)}
          </Text>
        </Group>
        {canManage && (
          <Button variant="light" size="compact-sm" leftSection={<IconListDetails size={14} aria-hidden />} onClick={() => setChanging(true)}>
            {t.segmentKeys.change}
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {list === 'included' ? m.segments.includedHint : m.segments.excludedHint}
      </Text>
      {count > 0 && (
        <TextInput
          type="search"
          size="xs"
          mb="xs"
          aria-label={m.segments.searchKeys}
          placeholder={m.segments.searchKeys}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {shown.length === 0 && !keys.isPending && (
        <Text size="sm" c="dimmed">
          {wanted === '' ? m.segments.noKeys : m.segments.noKeysFound}
        </Text>
      )}
      <ul className={classes.keys} aria-label={m.segments.keysLabel}>
        {shown.map((key) => (
          <li key={key} className={classes.key}>
            <span className="mono">{key}</span>
            {canManage && (
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={m.segments.removeKey(key)} onClick={() => remove(key)}>
                <IconX size={14} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {keys.hasNextPage && (
        <Group justify="space-between" mt="xs">
          <Text size="xs" c="dimmed">
            {t.segmentKeys.shownOf(shown.length, keys.data?.pages[0]?.total ?? count)}
          </Text>
          <Button variant="default" size="compact-sm" loading={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
            {m.common.loadMore}
          </Button>
        </Group>
      )}
      {changing && <ChangeKeysDialog scope={scope} segment={segment} list={list} count={count} onClose={() => setChanging(false)} />}
    </Paper>
  )
}
