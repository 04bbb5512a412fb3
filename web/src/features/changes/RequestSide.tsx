import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react'
import { useState } from 'react'
import { useChangeRequestActions, type ChangeRequestView } from '@/shared/changes/changeRequests'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import type { EnvironmentView } from '@/shared/api/types'
import type { Scope } from '@/shared/project/scope'
import { useTexts } from './texts/useTexts'

type Props = { scope: Scope; request: ChangeRequestView; environments: EnvironmentView[] }

/** What the policies ask for, who has approved, and when it happens. */
export function RequestSide({ scope, request, environments }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { describe } = useChangeRequestActions(scope, request.number)
  const [at, setAt] = useState('')
  const nameOf = (key: string) => environments.find((item) => item.key === key)?.name ?? key
  const schedule = (applyAt: string | null) =>
    describe.mutate({ applyAt }, { onSuccess: () => showDone(t.done.edited, m), onError: (error) => showError(m.errors.title, error, m) })
  return (
    <Stack gap="md">
      <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }}>
        <Title order={2} size="h5" mb="xs">
          {t.requirements}
        </Title>
        {request.requirements.length === 0 && <Text size="sm">{t.nothingAsked}</Text>}
        <Stack gap="sm">
          {request.requirements.map((item) => {
            const enough = item.given >= item.minApprovals
            const what = [item.environment !== null && nameOf(item.environment), item.tag !== null && t.flagsWithTag(item.tag)].filter(Boolean).join(' · ')
            return (
              <Group key={`${item.policy} ${item.tag}`} wrap="nowrap" gap="xs" align="flex-start">
                {enough ? (
                  <IconCircleCheck size={19} color="var(--mantine-color-teal-6)" aria-hidden style={{ flex: 'none' }} />
                ) : (
                  <IconCircleDashed size={19} color="var(--mantine-color-yellow-6)" aria-hidden style={{ flex: 'none' }} />
                )}
                <div>
                  <Text size="sm" fw={600}>
                    {what || t.wholeProject}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {[
                      t.given(item.given, item.minApprovals),
                      item.approverGroups.length > 0 && t.byGroups(item.approverGroups.map((group) => group.name).join(', ')),
                      item.reauthenticate && t.withProof,
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </Text>
                </div>
              </Group>
            )
          })}
        </Stack>
        {request.can.approveRefusal !== null && request.can.approveRefusal !== 'wrong_state' && (
          <Text size="xs" c="dimmed" mt="sm">
            {(t.refusals as Record<string, string>)[request.can.approveRefusal] ?? request.can.approveRefusal}
          </Text>
        )}
      </section>
      {(request.expiresAt !== null || request.applyAt !== null || request.can.edit) && request.closedAt === null && (
        <section className="surface" style={{ padding: 'var(--mantine-spacing-md)' }}>
          <Stack gap="xs">
            {request.expiresAt !== null && request.state !== 'scheduled' && (
              <Text size="sm" component="div">
                {t.expires} <RelativeTime at={request.expiresAt} />
              </Text>
            )}
            {request.applyAt !== null && (
              <Text size="sm" component="div">
                {t.applyAt} <RelativeTime at={request.applyAt} />
              </Text>
            )}
            {request.can.edit && (
              <>
                <TextInput type="datetime-local" size="xs" label={t.applyAtLabel} value={at} onChange={(event) => setAt(event.currentTarget.value)} />
                <Group gap="xs">
                  <Button size="compact-sm" variant="default" disabled={at === ''} loading={describe.isPending} onClick={() => schedule(new Date(at).toISOString())}>
                    {t.setApplyAt}
                  </Button>
                  {request.applyAt !== null && (
                    <Button size="compact-sm" variant="subtle" color="gray" onClick={() => schedule(null)}>
                      {t.clearApplyAt}
                    </Button>
                  )}
                </Group>
              </>
            )}
          </Stack>
        </section>
      )}
    </Stack>
  )
}
