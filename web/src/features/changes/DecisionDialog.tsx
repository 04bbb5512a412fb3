import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { useChangeRequestActions, type ChangeRequestView, type Decision } from '@/shared/changes/changeRequests'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { ProveDialog } from './ProveDialog'

type Props = { scope: Scope; request: ChangeRequestView; decision: Exclude<Decision, 'submit'>; onClose: () => void }

/** Asks before something is decided, with room for a word about it. */
export function DecisionDialog({ scope, request, decision, onClose }: Props) {
  const m = useMessages()
  const [comment, setComment] = useState('')
  const [proving, setProving] = useState(request.can.needsReauthentication && (decision === 'approve' || decision === 'reject'))
  const { decide } = useChangeRequestActions(scope, request.number)
  const titles = { approve: m.changes.approveTitle, reject: m.changes.rejectTitle, apply: m.changes.applyTitle, cancel: m.changes.cancelTitle }
  const words = { approve: m.changes.approve, reject: m.changes.reject, apply: m.changes.apply, cancel: m.changes.cancel }
  const done = { approve: m.changes.done.approved, reject: m.changes.done.rejected, apply: m.changes.done.applied, cancel: m.changes.done.cancelled }
  const title = titles[decision](request.title)

  if (proving) {
    return <ProveDialog onClose={onClose} onProved={() => setProving(false)} />
  }
  const submit = () =>
    decide.mutate(
      { decision, comment: comment.trim(), version: request.version },
      {
        onSuccess: () => {
          showDone(done[decision], m)
          onClose()
        },
        onError: (error) => {
          if (isProblem(error, 'reauthentication_required')) {
            setProving(true)
          } else {
            showError(title, error, m)
            onClose()
          }
        },
      },
    )
  return (
    <Modal opened onClose={onClose} title={<Text fw={650}>{title}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          {decision === 'apply' ? (
            <Text size="sm">{m.changes.applyText}</Text>
          ) : (
            <Textarea
              data-autofocus
              label={m.changes.decisionComment}
              autosize
              minRows={2}
              maxLength={10_000}
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" color={decision === 'reject' || decision === 'cancel' ? 'red' : undefined} loading={decide.isPending}>
              {words[decision]}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
