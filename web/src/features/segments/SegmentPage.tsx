import { Alert, Anchor, Badge, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { IconChevronRight, IconFlask, IconTrash, IconUsers } from '@tabler/icons-react'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ChangeRequested } from '@/shared/api/changeRequested'
import { isProblem } from '@/shared/api/problem'
import type { SegmentView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { CopyKey } from '@/shared/components/CopyKey'
import { Dialog } from '@/shared/components/Dialog'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { forgetDraft } from '@/shared/drafts/storedDraft'
import { useLeaveGuard } from '@/shared/drafts/useLeaveGuard'
import { useMessages } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { useCan } from '@/shared/project/me'
import { useEnvironments, type Scope } from '@/shared/project/scope'
import { isComplete, newClause, newGroup } from '@/shared/targeting/draft'
import { ShowOutcomes } from '@/shared/targeting/outcomes'
import { Sentence } from '@/shared/targeting/SentenceView'
import testClasses from '@/shared/targeting/TestColumns.module.css'
import { segmentQuery, useSegmentActions } from './api/segments'
import { CheckedCondition } from './CheckedCondition'
import { KeyList } from './KeyList'
import { SegmentSize } from './SegmentSize'
import { SegmentTestPanel } from './SegmentTestPanel'
import { useSegmentDraft } from './useSegmentDraft'
import { useSegmentTest } from './useSegmentTest'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/segments/$segment')

export function SegmentPage() {
  const m = useMessages()
  const t = useTexts()
  const { org, project, segment: key } = route.useParams()
  const scope = { org, project }
  const segment = useQuery(segmentQuery(scope, key))
  const canManage = useCan('segment.manage', scope)
  const navigate = route.useNavigate()
  const confirm = useConfirm()
  const recent = useRecentChange('segment', key)
  const { remove } = useSegmentActions(scope)
  const [refused, setRefused] = useState(false)

  if (segment.isPending) {
    return (
      <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1100 }}>
        <Skeleton height={30} width={240} mb="lg" />
        <Skeleton height={180} />
      </div>
    )
  }
  if (segment.data === undefined) {
    return <ErrorState page error={segment.error} onRetry={() => void segment.refetch()} />
  }
  const { body: view, etag } = segment.data
  const used = view.usedBy.flags.length > 0 || view.usedBy.segments.length > 0

  const ask = async () => {
    if (used) {
      setRefused(true)
    } else if (await confirm({ title: m.segments.deleteTitle(key), text: m.segments.deleteText, confirm: m.segments.delete, danger: true })) {
      remove.mutate(key, {
        onSuccess: () => {
          showDone(m.segments.deleted(key), m)
          void navigate({ to: '/p/$org/$project/segments', params: scope })
        },
        onError: (error) => showError(isProblem(error, 'in_use') ? m.segments.inUse : m.errors.title, error, m),
      })
    }
  }

  return (
    <Stack gap="md" style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1100 }}>
      <header>
        <Group gap={4} mb={8} wrap="nowrap">
          <Anchor component={Link} to="/p/$org/$project/segments" params={scope as never} size="sm">
            {m.segments.title}
          </Anchor>
          <IconChevronRight size={14} aria-hidden />
          <CopyKey value={key} size="sm" />
        </Group>
        <Group justify="space-between" wrap="nowrap">
          <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
            {view.name || key}
          </Title>
          {canManage && (
            <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void ask()}>
              {m.segments.delete}
            </Button>
          )}
        </Group>
        <SegmentSize scope={scope} segment={view} />
        {recent && (
          <Badge variant="light" tt="none" mt="xs" role="status">
            {m.live.changed(key, recent.who || m.common.somebody)}
          </Badge>
        )}
      </header>
      <SegmentForm key={key} scope={scope} latest={{ body: view, etag }} canManage={canManage} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <KeyList scope={scope} segment={key} list="included" count={view.includedCount} canManage={canManage} />
        <KeyList scope={scope} segment={key} list="excluded" count={view.excludedCount} canManage={canManage} />
      </SimpleGrid>
      <UsedBy scope={scope} segment={view} />
      <Dialog
        opened={refused}
        onClose={() => setRefused(false)}
        title={<Text fw={650}>{t.segmentKeys.cannotDelete(key)}</Text>}
        closeButtonProps={{ 'aria-label': m.common.close }}
      >
        <Text size="sm" mb="sm">
          {t.segmentKeys.cannotDeleteText}
        </Text>
        <Uses scope={scope} segment={view} />
      </Dialog>
    </Stack>
  )
}

type Versioned = { body: SegmentView; etag: string }

function SegmentForm({ scope, latest, canManage }: { scope: Scope; latest: Versioned; canManage: boolean }) {
  const m = useMessages()
  const { save } = useSegmentActions(scope)
  const place = `segment ${scope.org}/${scope.project}/${latest.body.key}`
  const { from, fields, condition, paths, dirty, conflict, restoredAt, set, startFrom } = useSegmentDraft(latest, place)
  const { name, description, root } = fields
  useLeaveGuard(dirty, () => forgetDraft(place))
  const { current } = useEnvironments()
  const [testing, setTesting] = useLocalStorage({ key: 'togglr-segment-test', defaultValue: false, getInitialValueInEffect: false })
  const isWhole = root === null || isComplete(root)
  const test = useSegmentTest(scope, current?.key, latest.body.key, isWhole ? condition : null, testing && isWhole)

  const submit = () =>
    save.mutate(
      { segment: from.body.key, etag: latest.etag, body: { name: name.trim(), description: description.trim(), if: condition } },
      {
        onSuccess: (saved) => {
          startFrom(saved)
          showDone(m.segments.saved, m)
        },
        onError: (error) => {
          if (error instanceof ChangeRequested) {
            // The request keeps it from now on.
            startFrom(latest)
          }
          showError(m.flag.saveFailed, error, m)
        },
      },
    )

  return (
    <div className={testClasses.columns} data-testing={testing || undefined}>
    <Paper className="surface" p="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="md">
          {canManage && <KeptNote at={restoredAt} onDiscard={() => startFrom(latest)} />}
          {conflict && (
            <Alert color="orange" icon={<IconUsers />} role="status">
              <Group justify="space-between">
                {m.save.otherSaved(latest.body.updatedBy?.name ?? m.common.somebody)}
                <Button size="compact-sm" variant="default" onClick={() => startFrom(latest)}>
                  {m.save.takeTheirs}
                </Button>
              </Group>
            </Alert>
          )}
          <Group grow align="flex-start">
            <TextInput
              label={m.common.name}
              value={name}
              readOnly={!canManage}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Textarea
              label={m.common.description}
              autosize
              value={description}
              readOnly={!canManage}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
          </Group>
          <section aria-label={m.segments.conditions}>
            <Group justify="space-between">
              <Title order={2} size="h5">
                {m.segments.conditions}
              </Title>
              {!testing && (
                <Button variant="default" size="compact-md" leftSection={<IconFlask size={16} aria-hidden />} onClick={() => setTesting(true)}>
                  {m.test.button}
                </Button>
              )}
            </Group>
            <Text size="xs" c="dimmed" mb="sm">
              {root === null ? m.segments.noConditions : m.segments.conditionsHint}
            </Text>
            {root === null ? (
              canManage && (
                <Button variant="light" size="compact-md" onClick={() => set({ root: newGroup([newClause()]) })}>
                  {m.segments.useConditions}
                </Button>
              )
            ) : canManage ? (
              <>
                <ShowOutcomes outcomes={test.outcomes} paths={paths}>
                  <CheckedCondition scope={scope} segment={latest.body} root={root} onChange={(next) => set({ root: next })} />
                </ShowOutcomes>
                <Button mt="xs" variant="subtle" color="gray" size="compact-xs" onClick={() => set({ root: null })}>
                  {m.segments.dropConditions}
                </Button>
              </>
            ) : (
              condition && <Sentence condition={condition} />
            )}
          </section>
          {canManage && (
            <Group>
              <Button type="submit" disabled={!dirty || name.trim() === '' || (root !== null && !isComplete(root))} loading={save.isPending}>
                {m.segments.save}
              </Button>
              {dirty && (
                <Button variant="default" onClick={() => startFrom(latest)}>
                  {m.save.discard}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
    {testing && (
      <aside className={testClasses.aside}>
        <SegmentTestPanel scope={scope} test={test} dirty={dirty} onClose={() => setTesting(false)} />
      </aside>
    )}
    </div>
  )
}

function UsedBy({ scope, segment }: { scope: Scope; segment: SegmentView }) {
  const m = useMessages()
  const { flags, segments } = segment.usedBy
  return (
    <Paper className="surface" p="md" component="section" aria-label={m.segments.usedBy}>
      <Title order={2} size="h5" mb="xs">
        {m.segments.usedBy}
      </Title>
      {flags.length === 0 && segments.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.segments.unused}
        </Text>
      )}
      <Uses scope={scope} segment={segment} />
    </Paper>
  )
}

function Uses({ scope, segment: { usedBy } }: { scope: Scope; segment: SegmentView }) {
  const m = useMessages()
  return (
      <Stack gap={6}>
        {usedBy.flags.map(({ key, environments }) => (
          <Group key={key} gap="xs">
            <Anchor component={Link} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: key } as never} className="mono" size="sm">
              {key}
            </Anchor>
            <Text size="sm" c="dimmed">
              {m.segments.inEnvironments(environments.join(', '))}
            </Text>
          </Group>
        ))}
        {usedBy.segments.map((key) => (
          <Anchor key={key} component={Link} to="/p/$org/$project/segments/$segment" params={{ ...scope, segment: key } as never} className="mono" size="sm">
            {key}
          </Anchor>
        ))}
      </Stack>
  )
}
