import { Button, Group, SegmentedControl, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconGitPullRequest, IconPlus, IconSearch, IconShieldCheck } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { collect } from '@/shared/changes/collecting'
import { changeRequestsQuery, useCreateDraft, type Which } from '@/shared/changes/changeRequests'
import { StateBadge } from './StateBadge'
import { EmptyState } from '@/shared/components/EmptyState'
import { ErrorState } from '@/shared/components/ErrorState'
import { showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/changes')

/** What waits for an approval in a project: first of all what the person can approve. */
export function ChangeRequestsPage() {
  const m = useMessages()
  const t = useTexts()
  const scope = route.useParams()
  const { which = 'review' } = route.useSearch()
  const navigate = route.useNavigate()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  const list = useInfiniteQuery(changeRequestsQuery(scope, which, search))
  const create = useCreateDraft(scope)
  const items = list.data?.pages.flatMap((page) => page.items) ?? []

  const draft = () =>
    create.mutate(t.createTitle, {
      onSuccess: ({ number }) => {
        collect({ ...scope, number })
        void navigate({ to: '/p/$org/$project/changes/$number', params: { ...scope, number: String(number) } })
      },
      onError: (error) => showError(m.errors.title, error, m),
    })

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }}>
      <Group justify="space-between" mb="md" align="flex-start">
        <div>
          <Title order={1} size="h3">
            {m.changes.title}
          </Title>
          <Text c="dimmed" size="sm">
            {t.subtitle}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={17} aria-hidden />}
            renderRoot={(props) => <Link {...props} to="/p/$org/$project/changes/policies" params={scope as never} />}
          >
            {t.policies}
          </Button>
          <Button leftSection={<IconPlus size={17} aria-hidden />} loading={create.isPending} onClick={draft}>
            {t.create}
          </Button>
        </Group>
      </Group>
      <Group mb="sm" gap="sm">
        <SegmentedControl
          aria-label={t.which}
          value={which}
          onChange={(next) => void navigate({ search: { which: next === 'review' ? undefined : (next as Which) }, replace: true })}
          data={[
            { value: 'review', label: t.toReview },
            { value: 'mine', label: t.mine },
            { value: 'open', label: t.open },
            { value: 'all', label: t.all },
          ]}
        />
        <TextInput
          aria-label={t.search}
          placeholder={t.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={{ base: '100%', sm: 280 }}
        />
      </Group>
      <div className="surface" style={{ overflow: 'clip' }}>
        {list.isError ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState icon={IconGitPullRequest} title={list.isPending ? m.common.loading : t.empty} text={list.isPending ? undefined : t.emptyText} />
        ) : (
          <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.request}</Table.Th>
                <Table.Th w={170}>{t.state}</Table.Th>
                <Table.Th w={130} visibleFrom="sm">
                  {t.approvalsColumn}
                </Table.Th>
                <Table.Th w={150} visibleFrom="sm">
                  {t.since}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>
                    <Text
                      component={Link}
                      to="/p/$org/$project/changes/$number"
                      params={{ ...scope, number: String(item.number) } as never}
                      fw={600}
                      size="sm"
                      c="var(--mantine-color-text)"
                      style={{ overflowWrap: 'anywhere' }}
                    >
                      {item.title}
                    </Text>
                    <Text size="xs" c="dimmed">
                      #{item.number} · {item.author.name} · {t.changes(item.changes)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <StateBadge state={item.state} />
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Text size="sm">{item.approvalsNeeded === 0 ? '–' : `${item.approvalsGiven} / ${item.approvalsNeeded}`}</Text>
                  </Table.Td>
                  <Table.Td visibleFrom="sm">
                    <Text size="sm" c="dimmed" component="div">
                      <RelativeTime at={item.submittedAt ?? item.createdAt} />
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {list.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {m.common.loadMore}
          </Button>
        </Group>
      )}
    </div>
  )
}
