import { Anchor, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { findingAt } from '@/shared/api/problem'
import { useProve } from '@/shared/changes/changeRequests'
import { Dialog } from '@/shared/components/Dialog'
import { errorText } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useTexts } from './texts/useTexts'

/** Asks again who the person is, before they approve what others ask for. */
export function ProveDialog({ onProved, onClose }: { onProved: () => void; onClose: () => void }) {
  const m = useMessages()
  const t = useTexts()
  const [byCode, setByCode] = useState(false)
  const [value, setValue] = useState('')
  const prove = useProve()
  const error = prove.error === null ? undefined : (findingAt(prove.error, byCode ? '/code' : '/password')?.message ?? errorText(prove.error, m))
  return (
    <Dialog opened onClose={onClose} title={<Text fw={650}>{t.proveTitle}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          prove.mutate(byCode ? { code: value.trim() } : { password: value }, { onSuccess: onProved })
        }}
      >
        <Stack>
          <Text size="sm">{t.proveText}</Text>
          {byCode ? (
            <TextInput
              data-autofocus
              label={t.code}
              autoComplete="one-time-code"
              inputMode="numeric"
              value={value}
              error={error}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          ) : (
            <PasswordInput
              data-autofocus
              label={t.password}
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
              {byCode ? t.usePassword : t.useCode}
            </Anchor>
            <Button type="submit" loading={prove.isPending} disabled={value === ''}>
              {t.prove}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
