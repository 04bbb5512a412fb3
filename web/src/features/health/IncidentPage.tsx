import { Anchor, Button, Grid, Group, Paper, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core'
import { IconCheck, IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { ActorIcon } from '@/shared/audit/ActorIcon'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { incidentQuery, useIncidentActions, type IncidentView } from '@/shared/health/api'
import { HealthBadge } from '@/shared/health/HealthBadge'
import { useHealthTexts } from '@/shared/health/texts/useHealthTexts'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useReadHere } from '@/shared/inbox/inbox'
import type { Scope } from '@/shared/project/scope'
import { secondsText } from './duration'

const route = getRouteApi('/signedIn/p/$org/$project/incidents/$number')

/** One incident: what tripped, what was done, everything that happened since, and what the reader can do. */
export function IncidentPage() {
  const m = useMessages()
  const t = useHealthTexts()
  const { org, project, number } = route.useParams()
  const scope = { org, project }
  const query = useQuery(incidentQuery(scope, Number(number)))
  useReadHere()
  const [asking, setAsking] = useState<'resolve' | 'revive' | null>(null)
  if (query.data === undefined) {
    return query.isError ? <ErrorState page error={query.error} onRetry={() => void query.refetch()} /> : <Skeleton m="md" h={320} aria-label={m.common.loading} />
  }
  const { incident, timeline } = query.data
  return (
    <Stack p="md" maw={1180}>
      <Group justify="space-between" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Anchor component={Link} to="/p/$org/$project/health" params={scope as never} search={{ view: 'incidents' } as never} size="sm">
            {t.back}: {t.views.incidents}
          </Anchor>
          <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
            {t.incidentNumber(incident.number)}: {incident.flag}
          </Title>
          <Group gap="xs" mt={4}>
            <HealthBadge state={incident.state} size="md" />
            <Text size="sm" c="dimmed">
              {incident.environment} · <RelativeTime at={incident.openedAt} />
            </Text>
          </Group>
        </div>
        {incident.mayAct && (
          <Group gap="xs">
            {incident.isKilled && incident.resolvedAt === null && (
              <Button variant="default" leftSection={<IconPlayerPlay size={17} aria-hidden />} onClick={() => setAsking('revive')}>
                {t.revive}
              </Button>
            )}
            {incident.resolvedAt === null && (
              <Button leftSection={<IconCheck size={17} aria-hidden />} onClick={() => setAsking('resolve')}>
                {t.resolve}
              </Button>
            )}
          </Group>
        )}
      </Group>
      <Grid>
        <Grid.Col span={{ base: 12, md: 5 }} order={{ base: 1, md: 2 }}>
          <Facts scope={scope} incident={incident} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }} order={{ base: 2, md: 1 }}>
          <Paper className="surface" p="md">
            <Title order={2} size="h5" mb="sm">
              {t.timeline}
            </Title>
            <Stack gap="sm">
              {timeline.map((event, index) => (
                // Events are only ever added.
                <Group key={index} wrap="nowrap" gap="sm" align="flex-start">
                  <ActorIcon actor={event.actor} size={26} />
                  <div style={{ minWidth: 0 }}>
                    <Text size="sm" component="div">
                      <b>{event.actor.name}</b> {(t.kinds as Record<string, string>)[event.kind] ?? event.kind}{' '}
                      <Text span size="xs" c="dimmed">
                        <RelativeTime at={event.at} />
                      </Text>
                    </Text>
                    {event.text !== '' && (
                      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                        {event.text}
                      </Text>
                    )}
                  </div>
                </Group>
              ))}
              {incident.mayAct && <Say scope={scope} number={incident.number} />}
            </Stack>
          </Paper>
        </Grid.Col>
      </Grid>
      {asking !== null && <Ask scope={scope} incident={incident} deed={asking} onClose={() => setAsking(null)} />}
    </Stack>
  )
}

function Facts({ scope, incident }: { scope: Scope; incident: IncidentView }) {
  const t = useHealthTexts()
  const { language } = useLanguage()
  const { cause } = incident
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(language)
  const between = (from: string, to: string) => secondsText(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000), language)
  return (
    <Paper className="surface" p="md">
      <Title order={2} size="h5" mb="xs">
        {t.cause}
      </Title>
      <Text size="xl" fw={700} c="var(--mantine-color-error)">
        {cause.rule === 'count' ? t.errors(cause.errors) : percent.format(cause.errorRate)}
      </Text>
      <Text size="sm">{t.rules[cause.rule]} {cause.variant === null ? t.wholeFlag : t.ofVariant(cause.variant)}</Text>
      <Text size="sm">{t.causeText(number.format(cause.errors), number.format(cause.evaluations), percent.format(cause.errorRate), cause.seconds)}</Text>
      <Text size="sm" c="dimmed">
        {t.threshold(cause.rule === 'count' ? number.format(cause.threshold) : percent.format(cause.threshold))}
      </Text>
      <Title order={2} size="h5" mt="md" mb="xs">
        {t.done}
      </Title>
      <Text size="sm">{t.measures[incident.measure]}, {t.detected(between(incident.beganAt, incident.openedAt))}</Text>
      {incident.changeRequest !== null && (
        <Anchor component={Link} to="/p/$org/$project/changes/$number" params={{ ...scope, number: String(incident.changeRequest) } as never} size="sm">
          {t.changeRequest(incident.changeRequest)}
        </Anchor>
      )}
      {incident.resolvedAt !== null && (
        <>
          <Text size="sm">
            {incident.resolvedBy === null ? t.resolvedBySelf : t.resolvedBy(incident.resolvedBy.name)}, {t.recovered(between(incident.openedAt, incident.resolvedAt))}
          </Text>
          {incident.resolution !== null && incident.resolution !== '' && (
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {incident.resolution}
            </Text>
          )}
        </>
      )}
      <Button
        mt="md"
        variant="default"
        fullWidth
        renderRoot={(props) => <Link {...props} to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: incident.flag } as never} search={{ tab: 'health', env: incident.environment } as never} />}
      >
        {t.flag}: {incident.flag}
      </Button>
    </Paper>
  )
}

function Say({ scope, number }: { scope: Scope; number: number }) {
  const m = useMessages()
  const t = useHealthTexts()
  const [text, setText] = useState('')
  const { say } = useIncidentActions(scope, number)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        say.mutate(text.trim(), { onSuccess: () => setText(''), onError: (error) => showError(m.errors.title, error, m) })
      }}
    >
      <Textarea label={t.comment} placeholder={t.commentPlaceholder} autosize minRows={2} maxLength={10_000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Group justify="flex-end" mt="xs">
        <Button type="submit" variant="default" disabled={text.trim() === ''} loading={say.isPending}>
          {t.say}
        </Button>
      </Group>
    </form>
  )
}

function Ask({ scope, incident, deed, onClose }: { scope: Scope; incident: IncidentView; deed: 'resolve' | 'revive'; onClose: () => void }) {
  const m = useMessages()
  const t = useHealthTexts()
  const [text, setText] = useState('')
  const { resolve, revive } = useIncidentActions(scope, incident.number)
  const isRevive = deed === 'revive'
  const done = {
    onSuccess: () => {
      showDone(isRevive ? t.reviveDone : t.resolveDone, m)
      onClose()
    },
    onError: (error: unknown) => showError(m.errors.title, error, m),
  }
  return (
    <Dialog opened onClose={onClose} closeButtonProps={{ 'aria-label': m.common.close }} title={<Text fw={650}>{isRevive ? t.reviveTitle : t.resolveTitle(incident.number)}</Text>}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isRevive) {
            revive.mutate({ flag: incident.flag, environment: incident.environment, reason: text.trim() }, done)
          } else {
            resolve.mutate(text.trim(), done)
          }
        }}
      >
        <Stack>
          <Text size="sm">{isRevive ? t.reviveText : t.resolveText}</Text>
          <Textarea label={isRevive ? t.reason : t.comment} autosize minRows={2} maxLength={1000} value={text} data-autofocus onChange={(event) => setText(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={isRevive && text.trim() === ''} loading={resolve.isPending || revive.isPending}>
              {isRevive ? t.revive : t.resolve}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
