import { Alert, Button, Grid, Group, List, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconChevronRight, IconGitMerge, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem, isProblem } from '@/shared/api/problem'
import { collect, useCollecting } from '@/shared/changes/collecting'
import { changeRequestQuery, useChangeRequestActions, type Decision } from '@/shared/changes/changeRequests'
import { StateBadge } from './StateBadge'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { useReadHere } from '@/shared/inbox/inbox'
import { impactPermissions } from '@/shared/impact/impact'
import { ImpactOf } from '@/shared/impact/ImpactOf'
import { maySomewhere, meQuery } from '@/shared/project/me'
import { useEnvironments } from '@/shared/project/scope'
import { ChangeCard } from './ChangeCard'
import { CollisionsDialog, decidable } from './CollisionsDialog'
import { DecisionDialog } from './DecisionDialog'
import { Discussion } from './Discussion'
import { RequestSide } from './RequestSide'
import { useTexts } from './texts/useTexts'

const route = getRouteApi('/signedIn/p/$org/$project/changes/$number')

/** One change request: what it would do, what is asked for, what people say, and what the reader can do with it. */
export function ChangeRequestPage() {
  const m = useMessages()
  const t = useTexts()
  const confirm = useConfirm()
  const { org, project, number: text } = route.useParams()
  const scope = { org, project }
  const number = Number(text)
  const { environments } = useEnvironments()
  const { data: me } = useQuery(meQuery)
  const query = useQuery(changeRequestQuery(scope, number))
  const { decide, rebase, leaveOut } = useChangeRequestActions(scope, number)
  const collecting = useCollecting(org, project)
  useReadHere()
  const [deciding, setDeciding] = useState<Exclude<Decision, 'submit'> | null>(null)
  const [collisions, setCollisions] = useState<ApiProblem | null>(null)

  if (query.isPending) {
    return (
      <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1180 }} role="status" aria-label={m.common.loading}>
        <Skeleton height={36} width={360} mb="md" />
        <Skeleton height={320} />
      </div>
    )
  }
  if (query.data === undefined) {
    return <ErrorState page error={query.error} onRetry={() => void query.refetch()} />
  }
  const request = query.data
  const { can } = request
  const outdated = request.isOutdated || request.state === 'conflicted'
  const isOpen = ['draft', 'pending', 'approved', 'scheduled'].includes(request.state)
  const failed = (error: unknown) => showError(m.errors.title, error, m)
  const bringUpToDate = () =>
    rebase.mutate(undefined, {
      onSuccess: () => {
        setCollisions(null)
        showDone(t.done.rebased, m)
      },
      onError: (error) => (isProblem(error, 'rebase_conflict') ? setCollisions(error) : failed(error)),
    })
  const submit = () =>
    decide.mutate(
      { decision: 'submit', comment: '', version: request.version },
      {
        onSuccess: () => {
          if (collecting?.number === number) {
            collect(null)
          }
          showDone(t.done.submitted, m)
        },
        onError: failed,
      },
    )
  const leave = async (position: number) => {
    if (await confirm({ title: t.leaveOutTitle, text: t.leaveOutText, confirm: t.leaveOut, danger: true })) {
      leaveOut.mutate(position, { onSuccess: () => showDone(t.done.edited, m), onError: failed })
    }
  }

  return (
    <div style={{ padding: 'var(--mantine-spacing-md)', maxWidth: 1280 }}>
      <Group gap={4} mb={8} wrap="nowrap">
        <Text component={Link} to="/p/$org/$project/changes" params={scope as never} size="sm" c="var(--mantine-color-anchor)">
          {m.changes.title}
        </Text>
        <IconChevronRight size={14} aria-hidden />
        <Text size="sm" c="dimmed">
          #{request.number}
        </Text>
      </Group>
      <Group justify="space-between" align="flex-start" mb="md">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
            {request.title}
          </Title>
          <Group gap="xs" mt={4}>
            <StateBadge state={request.state} size="md" />
            <Text size="sm" c="dimmed" component="div">
              #{request.number} · {request.author.name} · <RelativeTime at={request.submittedAt ?? request.createdAt} />
            </Text>
          </Group>
          {request.description !== '' && (
            <Text size="sm" mt="xs" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {request.description}
            </Text>
          )}
        </div>
        <Group gap="xs">
          {request.state === 'draft' && can.submit && collecting?.number !== number && (
            <Button variant="default" onClick={() => collect({ ...scope, number })}>
              {t.collect}
            </Button>
          )}
          {can.submit && (
            <Button disabled={request.changes.length === 0} loading={decide.isPending} onClick={submit}>
              {t.submit}
            </Button>
          )}
          {can.approve && !outdated && (
            <>
              <Button leftSection={<IconCheck size={17} aria-hidden />} onClick={() => setDeciding('approve')}>
                {t.approve}
              </Button>
              <Button variant="default" leftSection={<IconX size={17} aria-hidden />} onClick={() => setDeciding('reject')}>
                {t.reject}
              </Button>
            </>
          )}
          {can.apply && !outdated && (
            <Button leftSection={<IconPlayerPlay size={17} aria-hidden />} onClick={() => setDeciding('apply')}>
              {t.apply}
            </Button>
          )}
          {can.cancel && (
            <Button variant="default" onClick={() => setDeciding('cancel')}>
              {t.cancel}
            </Button>
          )}
        </Group>
      </Group>
      {outdated && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} mb="md">
          <Group justify="space-between">
            <Text size="sm">{request.failure ?? t.outdated}</Text>
            {can.edit && (
              <Button size="compact-sm" variant="default" leftSection={<IconGitMerge size={15} aria-hidden />} loading={rebase.isPending} onClick={bringUpToDate}>
                {t.rebase}
              </Button>
            )}
          </Group>
        </Alert>
      )}
      {collisions !== null && decidable(request, collisions.errors) !== null && (
        <CollisionsDialog scope={scope} request={request} collisions={collisions.errors} onClose={() => setCollisions(null)} />
      )}
      {collisions !== null && decidable(request, collisions.errors) === null && (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} mb="md" title={t.collisions}>
          <List size="sm">
            {collisions.errors.map(({ path, message }) => (
              <List.Item key={path}>{message}</List.Item>
            ))}
          </List>
          <Text size="sm" mt="xs">
            {t.collisionsText}
          </Text>
        </Alert>
      )}
      <Grid>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack>
            <Title order={2} size="h5">
              {t.whatHappens}
            </Title>
            {request.changes.length === 0 && <Text size="sm">{t.noChanges}</Text>}
            {request.changes.map((change) => (
              <ChangeCard
                key={change.position}
                change={change}
                environments={environments}
                onLeaveOut={can.edit && (request.changes.length > 1 || request.state === 'draft') ? () => void leave(change.position) : undefined}
              />
            ))}
            {request.changes.length > 0 && isOpen && !outdated && impactPermissions.some((permission) => maySomewhere(me, permission, scope)) && (
              <ImpactOf scope={scope} question={{ changeRequest: number }} />
            )}
            <Discussion scope={scope} request={request} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <RequestSide scope={scope} request={request} environments={environments} />
        </Grid.Col>
      </Grid>
      {deciding !== null && <DecisionDialog scope={scope} request={request} decision={deciding} onClose={() => setDeciding(null)} />}
    </div>
  )
}
