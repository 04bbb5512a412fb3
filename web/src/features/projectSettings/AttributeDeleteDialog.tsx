import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { AttributeView } from '@/shared/api/types'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useAttributeActions } from './api'
import { AttributeUses } from './AttributeUses'

type Props = { scope: Scope; attribute: AttributeView; onClose: () => void }

/** Removes an attribute from the catalogue. Rules that read it stay as they are, so it is allowed, and said. */
export function AttributeDeleteDialog({ scope, attribute, onClose }: Props) {
  const m = useMessages()
  const { remove } = useAttributeActions(scope)
  const seesFlags = useCan('flag.view', scope)
  const [error, setError] = useState<unknown>(null)
  return (
    <Dialog
      opened
      onClose={onClose}
      title={<Text fw={650}>{m.labels.deleteTitle(attribute.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <Stack>
        <Text size="sm">{m.attributes.deleteText}</Text>
        {seesFlags && (
          <div>
            <Text size="sm" fw={600} mb={4}>
              {m.attributes.usedBy}
            </Text>
            <AttributeUses scope={scope} name={attribute.name} />
          </div>
        )}
        {error !== null && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {errorText(error, m)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {m.common.cancel}
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(
                { name: attribute.name, version: attribute.version },
                {
                  onSuccess: () => {
                    showDone(m.labels.deleted(attribute.name), m)
                    onClose()
                  },
                  onError: setError,
                },
              )
            }
          >
            {m.common.delete}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
