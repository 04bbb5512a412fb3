import { Avatar, Badge, Button, Group, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import type { AuditEntryView, EnvironmentView } from '../api/types'
import { EnvironmentMark } from '../components/EnvironmentMark'
import { RelativeTime } from '../components/RelativeTime'
import { useMessages } from '../i18n/messages'
import classes from './AuditEntries.module.css'
import { documentDiff } from './documentDiff'

type Props = {
  entries: AuditEntryView[]
  environments: EnvironmentView[]
  hasMore: boolean
  loadingMore: boolean
  onMore: () => void
}

/** Entries of the audit log, each with what it changed. */
export function AuditEntries({ entries, environments, hasMore, loadingMore, onMore }: Props) {
  const m = useMessages()
  return (
    <>
      <ol className={classes.list}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} environment={environments.find(({ key }) => key === entry.environment)} />
        ))}
      </ol>
      {hasMore && (
        <Group justify="center" py="md">
          <Button variant="default" loading={loadingMore} onClick={onMore}>
            {m.common.loadMore}
          </Button>
        </Group>
      )}
    </>
  )
}

const alarming = /kill|delete|revoke|archive/

function Entry({ entry, environment }: { entry: AuditEntryView; environment: EnvironmentView | undefined }) {
  const [open, setOpen] = useState(false)
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <li className={classes.entry}>
      <UnstyledButton className={classes.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={16} aria-hidden className={classes.chevron} />
        <Avatar size={28} radius="xl" name={entry.actor.name} color="brand" aria-hidden />
        <div className={classes.what}>
          <Group gap={8}>
            <Text size="sm" fw={600} component="span">
              {entry.actor.name}
            </Text>
            <Badge size="sm" variant="light" tt="none" color={alarming.test(entry.action) ? 'red' : 'gray'}>
              {entry.action.replace(`${entry.entity}.`, '')}
            </Badge>
            <Text size="sm" component="span" c="dimmed">
              {entry.entity}
            </Text>
            <Text size="sm" component="span" className="mono" style={{ overflowWrap: 'anywhere' }}>
              {entry.entityKey}
            </Text>
            {environment ? <EnvironmentMark environment={environment} size="xs" /> : entry.environment && <Text size="xs">{entry.environment}</Text>}
          </Group>
          {entry.reason && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              “{entry.reason}”
            </Text>
          )}
        </div>
        <Text size="xs" c="dimmed" component="div" style={{ whiteSpace: 'nowrap' }}>
          <RelativeTime at={entry.at} />
        </Text>
      </UnstyledButton>
      {open && <Details entry={entry} />}
    </li>
  )
}

function Details({ entry }: { entry: AuditEntryView }) {
  const m = useMessages()
  const differences = documentDiff(entry.before, entry.after)
  const several = new Set(differences.map(({ document }) => document)).size > 1
  return (
    <Stack gap="xs" className={classes.details}>
      {differences.length === 0 ? (
        <Text size="sm" c="dimmed">
          {m.audit.nothingRecorded}
        </Text>
      ) : (
        <div className={classes.diff} role="table" aria-label={m.audit.differences}>
          {differences.map(({ document, path, before, after }) => (
            <div key={`${document} ${path}`} role="row" className={classes.difference}>
              <div role="rowheader" className={classes.path}>
                {path || (document === '' ? entry.entity : document)}
                {several && path !== '' && document !== '' && <div className={classes.document}>{document}</div>}
              </div>
              <div role="cell" className={classes.values}>
                {before !== undefined && <pre data-kind="before">{show(before)}</pre>}
                {after !== undefined && <pre data-kind="after">{show(after)}</pre>}
              </div>
            </div>
          ))}
        </div>
      )}
      <Group gap="md">
        {entry.requestId && (
          <Text size="xs" c="dimmed" className="mono">
            {m.errors.requestId(entry.requestId)}
          </Text>
        )}
        {entry.address && (
          <Tooltip label={m.audit.address}>
            <Text size="xs" c="dimmed" className="mono">
              {entry.address}
            </Text>
          </Tooltip>
        )}
        <Text size="xs" c="dimmed" className="mono">
          #{entry.sequence}
        </Text>
      </Group>
    </Stack>
  )
}

const show = (value: unknown) => (typeof value === 'string' ? value || '""' : JSON.stringify(value, null, 2))
