import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { useChangeRequestActions, type ChangeRequestView, type Decision } from '@/shared/changes/changeRequests'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { ProveDialog } from './ProveDialog'
import { useTexts } from './texts/useTexts'

type Props = { scope: Scope; request: ChangeRequestView; decision: Exclude<Decision, 'submit'>; onClose: () => void }

/** Asks before something is decided, with room for a word about it. */
export function DecisionDialog({ scope, request, decision, onClose }: Props) {
  const m = useMessages()
  const t = useTexts()
  const [comment, setComment] = useState('')
  const [proving, setProving] = useState(request.can.needsReauthentication && (decision === 'approve' || decision === 'reject'))
  const { decide } = useChangeRequestActions(scope, request.number)
  const titles = { approve: t.approveTitle, reject: t.rejectTitle, apply: t.applyTitle, cancel: t.cancelTitle }
  const words = { approve: t.approve, reject: t.reject, apply: t.apply, cancel: t.cancel }
  const done = { approve: t.done.approved, reject: t.done.rejected, apply: t.done.applied, cancel: t.done.cancelled }
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
    <Dialog opened onClose={onClose} title={<Text fw={650}>{title}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          {decision === 'apply' ? (
            <Text size="sm">{t.applyText}</Text>
          ) : (
            <Textarea
              data-autofocus
              label={t.decisionComment}
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
    </Dialog>
  )
}
