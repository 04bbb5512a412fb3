import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { ChangeRequested } from '../api/changeRequested'
import { ApiProblem } from '../api/problem'
import type { Messages } from '../i18n/messages'

/** What an error means and what to do about it, in the person's language where the code is known. */
export function errorText(error: unknown, m: Messages): string {
  if (!(error instanceof ApiProblem)) {
    return error instanceof Error ? error.message : String(error)
  }
  if (error instanceof ChangeRequested) {
    return m.changes.became(error.request.number)
  }
  switch (error.code) {
    case 'network':
      return m.errors.network
    case 'forbidden':
      return m.errors.forbidden
    case 'not_found':
      return m.errors.notFound
    case 'rate_limited':
      return m.errors.rateLimited
    case 'precondition_failed':
      return m.errors.conflict
    case 'unavailable':
      return m.errors.unavailable
    default:
      return error.errors.length > 0 ? error.errors.map((item) => item.message).join(' ') : error.message
  }
}

export function showError(title: string, error: unknown, m: Messages, text = errorText(error, m)) {
  // Nothing failed, and it is told already.
  if (error instanceof ChangeRequested) {
    return
  }
  const id = error instanceof ApiProblem ? error.requestId : undefined
  notifications.show({
    color: 'red',
    title,
    autoClose: 10_000,
    closeButtonProps: { 'aria-label': m.common.closeNotification },
    message: (
      <>
        {text}
        {id !== undefined && (
          <Text size="xs" c="dimmed" className="mono" mt={4}>
            {m.errors.requestId(id)}
          </Text>
        )}
      </>
    ),
  })
}

/** A short notice that something worked, with a way back where there is one, and more to say below where there is more. */
export function showDone(message: string, m: Messages, undo?: () => void, more?: ReactNode) {
  const id = notifications.show({
    color: 'teal',
    autoClose: undo || more !== undefined ? 8_000 : 4_000,
    closeButtonProps: { 'aria-label': m.common.closeNotification },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="sm">{message}</Text>
          {more}
        </div>
        {undo && (
          <Button
            size="compact-sm"
            variant="light"
            style={{ flex: 'none' }}
            onClick={() => {
              notifications.hide(id)
              undo()
            }}
          >
            {m.common.undo}
          </Button>
        )}
      </Group>
    ),
  })
}
