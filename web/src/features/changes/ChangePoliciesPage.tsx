import { Badge, Button, Group, Table, Text, Title } from '@mantine/core'
import { IconPlus, IconShieldCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { policiesQuery, type ChangePolicy } from '@/shared/changes/policies'
import { useConfirm } from '@/shared/components/confirm'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { usePolicyActions } from './policies'
import { PolicyDialog } from './PolicyDialog'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/changes/policies')

/** What needs an approval in a project, and whose. */
export function ChangePoliciesPage() {
  const m = useMessages()
  const t = useTexts()
  const confirm = useConfirm()
  const scope = route.useParams()
  const canManage = useCan('project.manage', scope)
  const { environments } = useEnvironments()
  const policies = useQuery(policiesQuery(scope))
  const { remove } = usePolicyActions(scope)
  const [editing, setEditing] = useState<ChangePolicy | 'new' | null>(null)
  const items = policies.data ?? []
  const nameOf = (key: string) => environments.find((item) => item.key === key)?.name ?? key
  const ask = async (policy: ChangePolicy) => {
    if (await confirm({ title: t.removeTitle, text: t.removeText, confirm: t.remove, danger: true })) {
      remove.mutate(policy.id, { onError: (error) => showError(m.errors.title, error, m) })
    }
  }
  const add = canManage && (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setEditing('new')}>
      {t.addPolicy}
    </Button>
  )
  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Group justify="space-between" mb="md" align="flex-start">
        <div>
          <Title order={1} size="h3">
            {m.changes.policiesTitle}
          </Title>
          <Text c="dimmed" size="sm" maw={760}>
            {t.policiesText}
          </Text>
        </div>
        {items.length > 0 && add}
      </Group>
      <div className="surface" style={{ overflow: 'clip' }}>
        {policies.isError ? (
          <ErrorState error={policies.error} onRetry={() => void policies.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState
            icon={IconShieldCheck}
            title={policies.isPending ? m.common.loading : t.policiesEmpty}
            text={policies.isPending ? undefined : t.policiesEmptyText}
          >
            {!policies.isPending && add}
          </EmptyState>
        ) : (
          <Table verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.guards}</Table.Th>
                <Table.Th>{t.asks}</Table.Th>
                <Table.Th w={120} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((policy) => (
                <Table.Tr key={policy.id}>
                  <Table.Td>
                    <Text size="sm" fw={600}>
                      {[policy.environment !== null && nameOf(policy.environment), policy.tag !== null && t.flagsWithTag(policy.tag)].filter(Boolean).join(' · ') ||
                        t.wholeProject}
                    </Text>
                    {!policy.enabled && (
                      <Badge size="xs" variant="default" tt="none">
                        {t.off}
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm">
                      {[
                        t.approvals(policy.minApprovals),
                        policy.approverGroups.length > 0 && t.byGroups(policy.approverGroups.map(({ name }) => name).join(', ')),
                        policy.reauthenticate && t.withProof,
                        t.expiresIn(policy.expiresAfterHours),
                      ]
                        .filter(Boolean)
                        .join(', ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {canManage && (
                      <Group gap={4} justify="flex-end">
                        <Button size="compact-xs" variant="subtle" onClick={() => setEditing(policy)}>
                          {m.common.edit}
                        </Button>
                        <Button size="compact-xs" variant="subtle" color="red" onClick={() => void ask(policy)}>
                          {t.remove}
                        </Button>
                      </Group>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {editing !== null && <PolicyDialog scope={scope} policy={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </div>
  )
}
