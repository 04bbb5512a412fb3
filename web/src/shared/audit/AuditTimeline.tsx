import { Button, Group, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import type { AuditEntryView, EnvironmentView } from '../api/types'
import { RelativeTime } from '../components/RelativeTime'
import { useLanguage } from '../i18n/messages'
import { useMessages } from './texts/messages'
import { ActorIcon } from './ActorIcon'
import classes from './Audit.module.css'
import { AuditSentence } from './AuditSentence'
import { promotionOf, PromotionHint } from './PromotionNote'
import { changePath, valueText } from './sentence'

type Props = {
  entries: AuditEntryView[]
  environments: EnvironmentView[]
  /** Whether to name the project of each entry. */
  projects?: boolean
  open?: string
  onOpen: (id: string) => void
  hasMore: boolean
  loadingMore: boolean
  onMore: () => void
}

/** Entries of the audit log, day by day. Further ones come while one reads. */
export function AuditTimeline({ entries, environments, projects, open, onOpen, hasMore, loadingMore, onMore }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const { ref, entry: seen } = useIntersection({ rootMargin: '600px' })
  const more = useRef(onMore)
  more.current = onMore
  const near = seen?.isIntersecting ?? false
  useEffect(() => {
    if (near && hasMore && !loadingMore) {
      more.current()
    }
  }, [near, hasMore, loadingMore])

  return (
    <>
      {byDay(entries).map(({ day, items }) => (
        <section key={day} aria-label={dayText(day, language, m.audit.today, m.audit.yesterday)}>
          <div className={classes.day}>{dayText(day, language, m.audit.today, m.audit.yesterday)}</div>
          <ol className={classes.list}>
            {items.map((entry) => (
              <li key={entry.id} className={classes.entry}>
                <UnstyledButton className={classes.line} data-open={open === entry.id || undefined} onClick={() => onOpen(entry.id)}>
                  <ActorIcon actor={entry.actor} />
                  <span className={classes.what}>
                    <AuditSentence
                      entry={entry}
                      environment={environments.find(({ key }) => key === entry.environment)}
                      project={projects}
                    />
                    {entry.reason && <span className={classes.hint}>{entry.entity === 'session' ? entry.reason : `“${entry.reason}”`}</span>}
                    <Glance entry={entry} />
                  </span>
                  <Text size="xs" c="dimmed" component="span" style={{ whiteSpace: 'nowrap', paddingTop: 3 }}>
                    <RelativeTime at={entry.at} />
                  </Text>
                </UnstyledButton>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {hasMore && (
        <Group justify="center" py="md" ref={ref}>
          <Button variant="default" loading={loadingMore} onClick={onMore}>
            {m.common.loadMore}
          </Button>
        </Group>
      )}
    </>
  )
}

/** The first small change in one line, so that most entries need not be opened. */
function Glance({ entry }: { entry: AuditEntryView }) {
  const promotion = promotionOf(entry)
  const change = entry.changes.find(({ path, before, after, truncated }) => !truncated && !path.endsWith('At') && isSmall(before) && isSmall(after))
  if (promotion !== undefined) {
    return (
      <span className={classes.hint}>
        <PromotionHint entry={entry} promotion={promotion} />
      </span>
    )
  }
  if (change === undefined || /enabled$|disabled$|killed$|revived$/.test(entry.action)) {
    return null
  }
  return (
    <span className={classes.hint}>
      {changePath(change.path, entry.entity, entry.entityKey)}: <del>{valueText(change.before)}</del> <ins>{valueText(change.after)}</ins>
    </span>
  )
}

const isSmall = (value: unknown) => value !== null && value !== undefined && typeof value !== 'object' && String(value).length <= 60

export function AuditLoading() {
  return (
    <Stack gap={14} p="md">
      {Array.from({ length: 8 }, (_, index) => (
        <Group key={index} wrap="nowrap">
          <Skeleton circle height={30} />
          <Skeleton height={18} w={`${75 - (index % 4) * 9}%`} />
        </Group>
      ))}
    </Stack>
  )
}

const localDay = (at: Date) => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`

function byDay(entries: AuditEntryView[]): { day: string; items: AuditEntryView[] }[] {
  const days: { day: string; items: AuditEntryView[] }[] = []
  for (const entry of entries) {
    const day = localDay(new Date(entry.at))
    const last = days.at(-1)
    if (last?.day === day) {
      last.items.push(entry)
    } else {
      days.push({ day, items: [entry] })
    }
  }
  return days
}

function dayText(day: string, language: string, today: string, yesterday: string): string {
  const now = new Date()
  if (day === localDay(now)) {
    return today
  }
  now.setDate(now.getDate() - 1)
  if (day === localDay(now)) {
    return yesterday
  }
  return new Date(`${day}T12:00:00`).toLocaleDateString(language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}
