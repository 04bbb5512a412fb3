import { Alert, Badge, Button, Group, Loader, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { IconShieldExclamation } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { GuardNote } from '@/shared/changes/GuardNote'
import { useGuard } from '@/shared/changes/useGuard'
import { Dialog } from '@/shared/components/Dialog'
import { ErrorState } from '@/shared/components/ErrorState'
import { TypeKey } from '@/shared/components/TypeKey'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { inverse, rehearse, useBulk, type BulkAnswer, type BulkRequest } from '../api/bulkFlags'

type Props = {
  scope: Scope
  request: BulkRequest
  environment: EnvironmentView | undefined
  /** The tag's name, where the request is about one. */
  tag: string
  onDone: () => void
  onClose: () => void
}

/** Shows what changing many flags would do, flag by flag, as the server has tried it, before it is done. */
export function BulkDialog({ scope, request, environment, tag, onDone, onClose }: Props) {
  const m = useMessages()
  const bulk = useBulk(scope)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [bypass, setBypass] = useState(false)
  const guard = useGuard(scope, request.environment ?? undefined, [])
  const preview = useQuery({
    queryKey: ['bulk', scope.org, scope.project, request],
    queryFn: ({ signal }) => rehearse(scope, request, signal),
    gcTime: 0,
    staleTime: Infinity,
  })
  const about = environment?.name ?? tag
  const { data } = preview
  const mustType = environment?.critical === true
  const ready = data !== undefined && data.changed > 0 && (!bypass || reason.trim() !== '') && (!mustType || typed === environment.key)

  const undo = (answer: BulkAnswer) => {
    const back = inverse(request, answer)
    return back === null
      ? undefined
      : () =>
          bulk.mutate(back, {
            onSuccess: (undone) => showDone(m.bulk.undone(undone.changed), m),
            onError: (error) => showError(m.bulk.failed, error, m),
          })
  }
  const apply = () =>
    bulk.mutate(
      { ...request, reason: reason.trim() || undefined, bypass },
      {
        onSuccess: (answer) => {
          showDone(m.bulk.done(answer.changed), m, undo(answer))
          onDone()
        },
        onError: (error) => showError(m.bulk.failed, error, m),
      },
    )

  return (
    <Dialog opened onClose={onClose} onRequested={onDone} size="lg" title={<Text fw={650}>{m.bulk.title[request.action](about)}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      {preview.isError ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : data === undefined ? (
        <Group justify="center" py="xl">
          <Loader size="sm" />
          <Text size="sm" c="dimmed" role="status">
            {m.bulk.looking}
          </Text>
        </Group>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) {
              apply()
            }
          }}
        >
          <Stack>
            {mustType && data.changed > 0 && (
              <Alert color="red" icon={<IconShieldExclamation aria-hidden />}>
                {m.bulk.critical(environment.name)}
              </Alert>
            )}
            <Text size="sm" fw={550}>
              {data.changed > 0 ? m.bulk.will[request.action](data.changed, about) : m.bulk.nothing}
            </Text>
            <Outcomes answer={data} />
            {data.changed > 0 && (
              <>
                <GuardNote guard={guard} bypass={bypass} onBypass={setBypass} />
                <TextInput label={m.bulk.reason} required={bypass} value={reason} maxLength={1000} onChange={(event) => setReason(event.currentTarget.value)} />
                {mustType && (
                  <TypeKey wanted={environment.key} value={typed} onChange={setTyped} />
                )}
              </>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              {data.changed > 0 && (
                <Button type="submit" color={mustType || request.action === 'archive' ? 'red.8' : undefined} disabled={!ready} loading={bulk.isPending} data-autofocus>
                  {m.bulk.apply(data.changed)}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  )
}

/** Flag by flag: those that change, and those that do not with the reason. */
function Outcomes({ answer }: { answer: BulkAnswer }) {
  const m = useMessages()
  const changed = answer.results.filter(({ outcome }) => outcome === 'changed')
  const refused = answer.results.filter(({ outcome }) => outcome === 'refused')
  return (
    <Stack gap="xs">
      {changed.length > 0 && (
        <ScrollArea.Autosize mah={190} type="auto" className="surface" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': m.bulk.done(changed.length) }}>
          <ul style={{ margin: 0, padding: '8px 12px', listStyle: 'none' }}>
            {changed.map(({ flag, name }) => (
              <li key={flag} style={{ display: 'flex', gap: 10, padding: '2px 0', minWidth: 0 }}>
                <Text size="sm" truncate>
                  {name || flag}
                </Text>
                <Text size="xs" c="dimmed" className="mono" truncate style={{ alignSelf: 'center' }}>
                  {flag}
                </Text>
              </li>
            ))}
          </ul>
        </ScrollArea.Autosize>
      )}
      {answer.unchanged > 0 && (
        <Text size="sm" c="dimmed">
          {m.bulk.unchanged(answer.unchanged)}
        </Text>
      )}
      {refused.length > 0 && (
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            {m.bulk.refused(refused.length)}
          </Text>
          <ScrollArea.Autosize mah={120} type="auto" viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': m.bulk.refused(refused.length) }}>
            {refused.map(({ flag, name, code, message }) => (
              <Group key={flag} gap="xs" wrap="nowrap" py={2}>
                <Badge variant="light" color="orange" tt="none" style={{ flex: 'none' }}>
                  {m.bulk.refusals[code ?? ''] ?? message}
                </Badge>
                <Text size="sm" truncate title={message ?? undefined}>
                  {name || flag}
                </Text>
              </Group>
            ))}
          </ScrollArea.Autosize>
        </div>
      )}
    </Stack>
  )
}
