import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import type { FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useLabelActions } from './api'
import type { Label } from './LabelDialog'

type Props = { scope: Scope; what: 'tags' | 'categories'; label: Label; users: FlagItem[]; onClose: () => void }

const most = 10

/** Deletes a tag or a category that is on no flag; else says on which it is. */
export function LabelDeleteDialog({ scope, what, label, users, onClose }: Props) {
  const m = useMessages()
  const { remove } = useLabelActions(scope, what)
  const [error, setError] = useState<unknown>(null)
  const name = label.name || label.key
  const used = users.length > 0
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{used ? m.labels.inUse(name) : m.labels.deleteTitle(name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <Stack>
        <Text size="sm">{used ? m.labels.inUseText[what] : m.labels.deleteText}</Text>
        {used && (
          <Stack gap={4}>
            {users.slice(0, most).map((flag) => (
              <Anchor
                key={flag.key}
                size="sm"
                truncate
                renderRoot={(props) => <Link to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: flag.key }} search={{ tab: 'settings' }} {...props} />}
              >
                {flag.name || flag.key}
                {flag.archivedAt === null ? '' : ` · ${m.flags.archived}`}
              </Anchor>
            ))}
            {users.length > most && (
              <Text size="sm" c="dimmed">
                {m.overview.more(users.length - most)}
              </Text>
            )}
          </Stack>
        )}
        {error !== null && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {errorText(error, m)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {used ? m.common.close : m.common.cancel}
          </Button>
          {!used && (
            <Button
              color="red"
              loading={remove.isPending}
              onClick={() =>
                remove.mutate(
                  { key: label.key, version: label.version },
                  {
                    onSuccess: () => {
                      showDone(m.labels.deleted(name), m)
                      onClose()
                    },
                    onError: setError,
                  },
                )
              }
            >
              {m.common.delete}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  )
}
