import { Badge, Button, Group, Skeleton, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconDeviceLaptop, IconDeviceMobile, IconTerminal2 } from '@tabler/icons-react'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { session } from '@/shared/api/session'
import { useConfirm } from '@/shared/components/confirm'
import { ErrorState } from '@/shared/components/ErrorState'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import classes from './AccountPage.module.css'
import { Section } from './Section'
import { sessionsQuery, useSessionActions, type SessionView } from './sessions'
import { readUserAgent } from './userAgent'

const icons = { computer: IconDeviceLaptop, phone: IconDeviceMobile, program: IconTerminal2 }

export function SessionsPage() {
  const m = useMessages()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const list = useInfiniteQuery(sessionsQuery)
  const { end, endOthers, endAll } = useSessionActions()
  const sessions = (list.data?.pages.flatMap((page) => page.items) ?? []).toSorted((a, b) => Number(b.current) - Number(a.current))
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const askOthers = async () => {
    if (await confirm({ title: m.sessions.endOthersTitle, text: m.sessions.endOthersText, confirm: m.sessions.endOthers, danger: true })) {
      endOthers.mutate(undefined, { onSuccess: () => showDone(m.sessions.endedOthers, m), onError: failed })
    }
  }
  const askAll = async () => {
    if (await confirm({ title: m.sessions.endAllTitle, text: m.sessions.endAllText, confirm: m.sessions.endAll, danger: true })) {
      endAll.mutate(undefined, {
        onSuccess: async () => {
          await session.logout()
          queryClient.clear()
          await navigate({ to: '/login', search: {} })
        },
        onError: failed,
      })
    }
  }

  return (
    <>
      <Section
        title={m.sessions.title}
        text={m.sessions.text}
        action={
          <Button variant="default" disabled={sessions.length < 2} loading={endOthers.isPending} onClick={() => void askOthers()}>
            {m.sessions.endOthers}
          </Button>
        }
      >
        {list.isError && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && (
          <Stack>
            <Skeleton height={48} />
            <Skeleton height={48} />
          </Stack>
        )}
        <ul className={classes.rows}>
          {sessions.map((item) => (
            <SessionRow
              key={item.id}
              item={item}
              busy={end.isPending && end.variables === item.id}
              onEnd={() => end.mutate(item.id, { onSuccess: () => showDone(m.sessions.ended, m), onError: failed })}
            />
          ))}
        </ul>
        {list.hasNextPage && (
          <Button variant="default" mt="sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {m.common.loadMore}
          </Button>
        )}
      </Section>
      <Section
        title={m.sessions.endAllHeading}
        text={m.sessions.endAllHint}
        action={
          <Button variant="outline" color="red" loading={endAll.isPending} onClick={() => void askAll()}>
            {m.sessions.endAll}
          </Button>
        }
      />
    </>
  )
}

function SessionRow({ item, busy, onEnd }: { item: SessionView; busy: boolean; onEnd: () => void }) {
  const m = useMessages()
  const device = readUserAgent(item.userAgent)
  const Icon = icons[device.kind]
  const name =
    device.browser === null && device.system === null
      ? m.sessions.unknownDevice
      : device.browser !== null && device.system !== null
        ? m.sessions.browserOn(device.browser, device.system)
        : (device.browser ?? device.system ?? '')
  return (
    <li className={classes.row} aria-label={name}>
      <ThemeIcon variant="light" color={item.current ? 'brand' : 'gray.6'} size={36} radius="md">
        <Icon size={20} stroke={1.7} aria-hidden />
      </ThemeIcon>
      <div className={classes.grow}>
        <Group gap={8}>
          <Text size="sm" fw={600} title={item.userAgent ?? undefined}>
            {name}
          </Text>
          {item.current && (
            <Badge variant="light" tt="none" size="sm" color="teal">
              {m.sessions.current}
            </Badge>
          )}
          <Badge variant="default" tt="none" size="sm" fw={500}>
            {m.sessions.methods[item.method]}
            {item.secondFactor && ` + ${m.sessions.secondFactor}`}
          </Badge>
          {item.organization != null && (
            <Badge variant="default" tt="none" size="sm" fw={500}>
              {m.sessions.onlyIn(item.organization)}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" component="div" mt={2}>
          {item.address !== null && (
            <>
              <span className="mono">{item.address}</span>
              {' · '}
            </>
          )}
          {item.current ? (
            m.sessions.activeNow
          ) : (
            <>
              {m.sessions.lastSeen} <RelativeTime at={item.lastSeenAt} />
            </>
          )}
          {' · '}
          {m.sessions.since} <RelativeTime at={item.createdAt} />
        </Text>
      </div>
      {!item.current && (
        <Button
          className={classes.action}
          variant="subtle"
          color="red"
          c="var(--mantine-color-error)"
          size="compact-sm"
          loading={busy}
          aria-label={m.sessions.endLabel(name)}
          onClick={onEnd}
        >
          {m.sessions.end}
        </Button>
      )}
    </li>
  )
}
