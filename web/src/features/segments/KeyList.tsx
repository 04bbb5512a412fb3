import { ActionIcon, Button, FileButton, Group, Modal, Paper, Progress, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus, IconSearch, IconUpload, IconX } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { segmentKeysQuery, useSegmentKeyActions, type KeyListName } from './api/segmentKeys'
import classes from './KeyList.module.css'

type Props = { scope: Scope; segment: string; list: KeyListName; count: number; canManage: boolean }

/** One of the two lists of a segment: searched and paged by the server, because it may hold a million keys. */
export function KeyList({ scope, segment, list, count, canManage }: Props) {
  const m = useMessages()
  const confirm = useConfirm()
  const [search, setSearch] = useState('')
  const [wanted] = useDebouncedValue(search.trim(), 250)
  const [adding, setAdding] = useState(false)
  const [progress, setProgress] = useState<number | null>(null)
  const keys = useInfiniteQuery(segmentKeysQuery(scope, segment, list, wanted))
  const { edit, replace } = useSegmentKeyActions(scope, segment, list)
  const shown = keys.data?.pages.flatMap((page) => page.items) ?? []
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const remove = (key: string) =>
    edit.mutate(
      { remove: [key] },
      { onSuccess: () => showDone(m.segments.keyRemoved(key), m, () => edit.mutate({ add: [key] })), onError: failed },
    )
  const upload = async (file: File | null) => {
    if (file === null) {
      return
    }
    const unique = [...new Set((await file.text()).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ''))]
    const agreed = await confirm({
      title: m.segments.upload,
      text: m.segments.uploadConfirm(unique.length, count),
      confirm: m.segments.upload,
      danger: unique.length < count,
    })
    if (agreed) {
      setProgress(0)
      replace.mutate(
        { keys: unique.join('\n'), onProgress: setProgress },
        {
          onSuccess: () => showDone(m.segments.uploaded(unique.length), m),
          onError: failed,
          onSettled: () => setProgress(null),
        },
      )
    }
  }

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
          <Group gap={4}>
            <Button variant="light" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
              {m.segments.addKeys}
            </Button>
            <FileButton onChange={(file) => void upload(file)} accept="text/plain,text/csv,.txt,.csv">
              {(props) => (
                <Button {...props} variant="subtle" size="compact-sm" leftSection={<IconUpload size={14} aria-hidden />} title={m.segments.uploadHint}>
                  {m.segments.upload}
                </Button>
              )}
            </FileButton>
          </Group>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {list === 'included' ? m.segments.includedHint : m.segments.excludedHint}
      </Text>
      {progress !== null && (
        <div role="status">
          <Progress value={progress} aria-label={m.segments.uploading(progress)} animated />
          <Text size="xs" mt={4}>
            {m.segments.uploading(progress)}
          </Text>
        </div>
      )}
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
        <Button mt="xs" variant="default" size="compact-sm" loading={keys.isFetchingNextPage} onClick={() => void keys.fetchNextPage()}>
          {m.common.loadMore}
        </Button>
      )}
      {adding && (
        <AddKeys
          busy={edit.isPending}
          onClose={() => setAdding(false)}
          onAdd={(add) =>
            edit.mutate(
              { add },
              {
                onSuccess: () => {
                  showDone(m.segments.keysAdded(add.length), m)
                  setAdding(false)
                },
                onError: failed,
              },
            )
          }
        />
      )}
    </Paper>
  )
}

function AddKeys({ busy, onClose, onAdd }: { busy: boolean; onClose: () => void; onAdd: (keys: string[]) => void }) {
  const m = useMessages()
  const [text, setText] = useState('')
  const keys = [...new Set(text.split(/[\n,;\t]/).map((key) => key.trim()).filter((key) => key !== ''))]
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{m.segments.addKeys}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <Stack>
        <Textarea
          label={m.segments.keysLabel}
          description={m.segments.addKeysHint}
          autosize
          minRows={5}
          maxRows={14}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          value={text}
          data-autofocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {m.segments.keys(keys.length)}
          </Text>
          <Button disabled={keys.length === 0} loading={busy} onClick={() => onAdd(keys)}>
            {m.common.add}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
