import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconShieldExclamation } from '@tabler/icons-react'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { GuardNote } from '@/shared/changes/GuardNote'
import { useGuard } from '@/shared/changes/useGuard'
import { Dialog } from '@/shared/components/Dialog'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useSaveConfiguration } from '../api/configuration'
import { ChangeList } from './ChangeList'
import { DraftImpact } from './DraftImpact'
import type { WorkingCopy } from './useWorkingCopy'

type Props = {
  scope: Scope
  flag: FlagView
  environment: EnvironmentView
  work: WorkingCopy
  onClose: () => void
  /** Somebody else saved in the meantime. */
  onConflict: () => void
}

/** Shows what will change before it does. */
export function SaveDialog({ scope, flag, environment, work, onClose, onConflict }: Props) {
  const m = useMessages()
  const [reason, setReason] = useState('')
  const [bypass, setBypass] = useState(false)
  const guard = useGuard(scope, environment.key, flag.tags)
  const save = useSaveConfiguration(scope, flag.key, environment.key)
  const submit = () =>
    save.mutate(
      { configuration: work.current, etag: work.etag, reason: reason.trim(), bypass },
      {
        onSuccess: (saved) => {
          work.adopt(saved)
          showDone(m.save.saved(environment.name), m)
          onClose()
        },
        onError: (error) => {
          if (isProblem(error, 'precondition_failed')) {
            onConflict()
          } else {
            showError(m.flag.saveFailed, error, m)
          }
        },
      },
    )
  return (
    <Dialog
      opened
      onClose={onClose}
      onRequested={() => {
        // The request keeps it from now on.
        work.discard()
        onClose()
      }}
      size="lg"
      title={<Text fw={650}>{m.save.reviewTitle(environment.name)}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          {environment.critical && (
            <Alert color="red" icon={<IconShieldExclamation />} styles={{ message: { color: 'var(--mantine-color-text)' } }}>
              {m.save.criticalWarning(environment.name)}
            </Alert>
          )}
          {work.changes.length === 0 ? <Text size="sm">{m.save.nothing}</Text> : <ChangeList changes={work.changes} />}
          {work.changes.length > 0 && (
            <DraftImpact
              scope={scope}
              flag={flag.key}
              environment={environment.key}
              draft={work.current}
              isOn={flag.environments[environment.key]?.enabled === true && !flag.environments[environment.key]?.killed}
              blocked={false}
            />
          )}
          <GuardNote guard={guard} bypass={bypass} onBypass={setBypass} />
          <Textarea
            label={bypass ? m.common.reason : m.common.reasonOptional}
            required={bypass}
            placeholder={m.common.reasonPlaceholder}
            autosize
            minRows={2}
            maxLength={1000}
            value={reason}
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" color={bypass ? 'red' : undefined} disabled={bypass && reason.trim() === ''} loading={save.isPending}>
              {m.save.saveIn(environment.name)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
