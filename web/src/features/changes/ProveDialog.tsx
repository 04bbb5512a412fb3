import { Anchor, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { findingAt } from '@/shared/api/problem'
import { useProve } from '@/shared/changes/changeRequests'
import { errorText } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'

/** Asks again who the person is, before they approve what others ask for. */
export function ProveDialog({ onProved, onClose }: { onProved: () => void; onClose: () => void }) {
  const m = useMessages()
  const [byCode, setByCode] = useState(false)
  const [value, setValue] = useState('')
  const prove = useProve()
  const error = prove.error === null ? undefined : (findingAt(prove.error, byCode ? '/code' : '/password')?.message ?? errorText(prove.error, m))
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{m.changes.proveTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          prove.mutate(byCode ? { code: value.trim() } : { password: value }, { onSuccess: onProved })
        }}
      >
        <Stack>
          <Text size="sm">{m.changes.proveText}</Text>
          {byCode ? (
            <TextInput
              data-autofocus
              label={m.changes.code}
              autoComplete="one-time-code"
              inputMode="numeric"
              value={value}
              error={error}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          ) : (
            <PasswordInput
              data-autofocus
              label={m.changes.password}
              autoComplete="current-password"
              value={value}
              error={error}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
          <Group justify="space-between">
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => {
                setByCode(!byCode)
                setValue('')
                prove.reset()
              }}
            >
              {byCode ? m.changes.usePassword : m.changes.useCode}
            </Anchor>
            <Button type="submit" loading={prove.isPending} disabled={value === ''}>
              {m.changes.prove}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
