import { Alert, Button, Group, MultiSelect, NumberInput, Select, Stack, Switch, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ChangeRequested } from '@/shared/api/changeRequested'
import type { ChangePolicy } from '@/shared/changes/policies'
import { Dialog } from '@/shared/components/Dialog'
import { errorText, showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { groupNamesQuery, tagNamesQuery, usePolicyActions } from './policies'
import { useTexts } from './texts/useTexts'

type Props = { scope: Scope; policy: ChangePolicy | null; onClose: () => void }

/** What a policy guards and asks for. What it guards is decided once. */
export function PolicyDialog({ scope, policy, onClose }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { environments } = useEnvironments()
  const groups = useQuery(groupNamesQuery(scope.org))
  const tags = useQuery(tagNamesQuery(scope))
  const { create, change } = usePolicyActions(scope)
  const [environment, setEnvironment] = useState<string | null>(policy?.environment ?? null)
  const [tag, setTag] = useState<string | null>(policy?.tag ?? null)
  const [terms, setTerms] = useState({
    enabled: policy?.enabled ?? true,
    minApprovals: policy?.minApprovals ?? 1,
    approverGroups: policy?.approverGroups.map(({ key }) => key) ?? [],
    reauthenticate: policy?.reauthenticate ?? false,
    expiresAfterHours: policy?.expiresAfterHours ?? 168,
    bypassGroups: policy?.bypassGroups.map(({ key }) => key) ?? [],
  })
  const set = (part: Partial<typeof terms>) => setTerms((before) => ({ ...before, ...part }))
  const error = create.error ?? change.error
  const finished = {
    onSuccess: () => {
      showDone(t.saved, m)
      onClose()
    },
  }
  const save = () =>
    policy === null
      ? create.mutate({ ...terms, environment: environment ?? undefined, tag: tag ?? undefined }, finished)
      : change.mutate({ id: policy.id, terms }, finished)
  return (
    <Dialog
      opened
      onClose={onClose}
      size="lg"
      title={<Text fw={650}>{policy === null ? t.addPolicy : t.editPolicy}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack>
          <Group grow>
            <Select
              label={t.policyEnvironment}
              placeholder={t.anyEnvironment}
              data={environments.map(({ key, name }) => ({ value: key, label: name }))}
              value={environment}
              onChange={setEnvironment}
              disabled={policy !== null}
              clearable={policy === null}
            />
            <Select
              label={t.policyTag}
              placeholder={t.anyFlag}
              data={tags.data ?? []}
              value={tag}
              onChange={setTag}
              disabled={policy !== null}
              clearable={policy === null}
              searchable
            />
          </Group>
          <Group grow align="flex-start">
            <NumberInput label={t.minApprovals} description={t.minApprovalsHint} min={1} max={10} value={terms.minApprovals} onChange={(value) => set({ minApprovals: Number(value) || 1 })} />
            <NumberInput
              label={t.expiresAfter}
              description={t.expiresAfterHint(terms.expiresAfterHours)}
              min={1}
              max={8760}
              value={terms.expiresAfterHours}
              onChange={(value) => set({ expiresAfterHours: Number(value) || 168 })}
            />
          </Group>
          <MultiSelect
            label={t.approverGroups}
            placeholder={terms.approverGroups.length === 0 ? t.anyApprover : undefined}
            data={groups.data ?? []}
            value={terms.approverGroups}
            onChange={(approverGroups) => set({ approverGroups })}
            searchable
          />
          <MultiSelect label={t.bypassGroups} data={groups.data ?? []} value={terms.bypassGroups} onChange={(bypassGroups) => set({ bypassGroups })} searchable />
          <Switch label={t.reauthenticate} checked={terms.reauthenticate} onChange={(event) => set({ reauthenticate: event.currentTarget.checked })} />
          <Switch label={t.enabled} checked={terms.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          {error !== null && !(error instanceof ChangeRequested) && (
            <Alert color="red" role="alert">
              {errorText(error, m)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" loading={create.isPending || change.isPending}>
              {m.common.save}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
