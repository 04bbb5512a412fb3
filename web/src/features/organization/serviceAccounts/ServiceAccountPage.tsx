import { Badge, Button, Group, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '../texts/messages'
import { useAccess } from '@/shared/project/useAccess'
import { serviceAccountQuery, useServiceAccountActions } from '../api/serviceAccounts'
import { showAccessError } from '../parts/accessError'
import { BackLink } from '../parts/BackLink'
import { Effective } from '../parts/Effective'
import { GrantEditor } from '../parts/GrantEditor'
import { NameSection } from '../parts/NameSection'
import { Section } from '../parts/Section'
import { SettingsPage } from '../parts/SettingsPage'
import { Row } from '../parts/Row'
import { Tokens } from './Tokens'

const route = getRouteApi('/signedIn/o/$org/service-accounts/$id')

export function ServiceAccountPage() {
  const m = useMessages()
  const { org, id } = route.useParams()
  const navigate = route.useNavigate()
  const confirm = useConfirm()
  const canManage = useAccess(org).can('serviceaccount.manage')
  const query = useQuery(serviceAccountQuery(org, id))
  const actions = useServiceAccountActions(org, id)
  if (query.isError && query.data === undefined) {
    return <ErrorState page error={query.error} onRetry={() => void query.refetch()} />
  }
  const account = query.data
  if (account === undefined) {
    return (
      <SettingsPage title={m.common.loading} width={900}>
        <Skeleton height={200} />
      </SettingsPage>
    )
  }
  const name = account.name || account.key
  const t = m.serviceAccounts
  const failed = (error: unknown) => showAccessError(error, m)
  const deactivate = async () => {
    if (await confirm({ title: t.deactivateTitle(name), text: t.deactivateText, confirm: m.memberActions.deactivate, danger: true })) {
      actions.deactivate.mutate(undefined, { onSuccess: () => showDone(m.memberActions.deactivated(name), m), onError: failed })
    }
  }
  const remove = async () => {
    if (await confirm({ title: t.deleteTitle(name), text: t.deleteText, confirm: t.delete, danger: true })) {
      actions.remove.mutate(undefined, {
        onSuccess: () => {
          showDone(t.deleted(name), m)
          void navigate({ to: '/o/$org/service-accounts', params: { org } })
        },
        onError: failed,
      })
    }
  }
  return (
    <SettingsPage
      width={900}
      title={name}
      subtitle={
        <Group gap="xs">
          <CopyKey value={account.key} />
          {account.disabledAt && (
            <Badge size="xs" variant="light" color="orange" tt="none">
              {m.members.deactivated}
            </Badge>
          )}
        </Group>
      }
      action={<BackLink to="/o/$org/service-accounts" org={org} text={t.title} />}
    >
      <Stack>
        <Tokens org={org} account={account} canManage={canManage} />
        <GrantEditor org={org} principal={{ kind: 'service_account', id }} name={name} grants={account.grants} text={t.rolesText} />
        <Section title={m.access.effective} text={m.access.effectiveText}>
          <Effective org={org} principal={{ kind: 'service_account', id }} name={name} />
        </Section>
        <NameSection key={id} place={`service account ${org}/${id}`} current={account} update={actions.update} disabled={!canManage} />
        {canManage && (
          <Section title={t.end}>
            {account.disabledAt === null ? (
              <Row text={t.deactivateHint}>
                <Button size="xs" variant="default" loading={actions.deactivate.isPending} onClick={() => void deactivate()}>
                  {m.memberActions.deactivate}
                </Button>
              </Row>
            ) : (
              <Row text={t.activateHint}>
                <Button
                  size="xs"
                  loading={actions.activate.isPending}
                  onClick={() =>
                    actions.activate.mutate(undefined, { onSuccess: () => showDone(m.memberActions.activated(name), m), onError: failed })
                  }
                >
                  {m.memberActions.activate}
                </Button>
              </Row>
            )}
            <Row text={t.deleteHint}>
              <Button size="xs" color="red" variant="light" loading={actions.remove.isPending} onClick={() => void remove()}>
                {t.delete}
              </Button>
            </Row>
          </Section>
        )}
      </Stack>
    </SettingsPage>
  )
}
