import { ActionIcon, Group, Skeleton, Stack, Tabs, Text, Tooltip } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AuditEntryView, EnvironmentView } from '../api/types'
import { SideDialog } from '../components/SideDialog'
import { ErrorState } from '../components/ErrorState'
import { useLanguage } from '../i18n/messages'
import { useMessages } from './texts/messages'
import classes from './Audit.module.css'
import { AuditSentence } from './AuditSentence'
import { ChangeTable } from './ChangeTable'
import { promotionOf, PromotionLink } from './PromotionNote'
import { auditEntryQuery, entityHistoryQuery } from './listAudit'
import { Restore } from './Restore'

type Props = { org: string; id: string | undefined; environments: EnvironmentView[]; onOpen: (id: string) => void; onClose: () => void }

/** All that one entry tells. */
export function EntryDrawer({ org, id, environments, onOpen, onClose }: Props) {
  const m = useMessages()
  const entry = useQuery({ ...auditEntryQuery(org, id ?? ''), enabled: id !== undefined })
  return (
    <SideDialog
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="min(680px, 100vw)"
      title={
        <Text fw={650} component="span">
          {entry.data ? m.audit.entryTitle(entry.data.sequence) : m.audit.title}
        </Text>
      }
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      {entry.isError ? (
        <ErrorState error={entry.error} onRetry={() => void entry.refetch()} />
      ) : entry.data === undefined ? (
        <Stack>
          <Skeleton height={24} />
          <Skeleton height={140} />
          <Skeleton height={220} />
        </Stack>
      ) : (
        <EntryDetails org={org} entry={entry.data} environments={environments} onOpen={onOpen} />
      )}
    </SideDialog>
  )
}

type DetailProps = { org: string; entry: AuditEntryView; environments: EnvironmentView[]; onOpen: (id: string) => void }

function EntryDetails({ org, entry, environments, onOpen }: DetailProps) {
  const m = useMessages()
  const { language } = useLanguage()
  const { data: history = [] } = useQuery(entityHistoryQuery(org, entry))
  const place = history.findIndex(({ id }) => id === entry.id)
  const later = place > 0 ? history[place - 1] : undefined
  const earlier = place >= 0 ? history[place + 1] : undefined
  const promotion = promotionOf(entry)
  const facts: [string, ReactNode][] = [
    [m.audit.when, new Date(entry.at).toLocaleString(language, { dateStyle: 'full', timeStyle: 'long' })],
    [m.audit.actor, `${entry.actor.name || m.audit.system} (${(m.actorKinds as Record<string, string>)[entry.actor.kind] ?? entry.actor.kind})`],
    [m.audit.forWhom, entry.onBehalfOf?.name],
    [m.audit.token, entry.token?.name],
    [m.audit.thing, <EntityLink key="thing" org={org} entry={entry} />],
    [m.audit.promotion, promotion && <PromotionLink key="promotion" org={org} entry={entry} promotion={promotion} />],
    [m.audit.reason, entry.reason],
    [m.audit.address, entry.address && <span className="mono">{entry.address}</span>],
    [m.audit.userAgent, entry.userAgent],
    [m.audit.request, entry.requestId && <span className="mono">{entry.requestId}</span>],
    [m.audit.action, <span key="action" className="mono">{entry.action}</span>],
  ]
  return (
    <Stack>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <AuditSentence entry={entry} environment={environments.find(({ key }) => key === entry.environment)} />
        <Group gap={2} wrap="nowrap">
          <Tooltip label={m.audit.later}>
            <ActionIcon variant="subtle" color="gray" aria-label={m.audit.later} disabled={!later} onClick={() => later && onOpen(later.id)}>
              <IconChevronUp size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={m.audit.earlier}>
            <ActionIcon variant="subtle" color="gray" aria-label={m.audit.earlier} disabled={!earlier} onClick={() => earlier && onOpen(earlier.id)}>
              <IconChevronDown size={18} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value !== null && value !== undefined && value !== '')
          .map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <Tabs defaultValue="changes" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="changes">{m.audit.differences}</Tabs.Tab>
          {entry.before !== null && <Tabs.Tab value="before">{m.audit.before}</Tabs.Tab>}
          {entry.after !== null && <Tabs.Tab value="after">{m.audit.after}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="changes">
          <ChangeTable changes={entry.changes.filter(({ path }) => path !== 'promotion')} hasMore={entry.hasMoreChanges} entity={entry.entity} entityKey={entry.entityKey} />
        </Tabs.Panel>
        {(['before', 'after'] as const).map((side) => (
          <Tabs.Panel key={side} value={side}>
            <pre className={classes.json} tabIndex={0}>
              {JSON.stringify(entry[side], null, 2)}
            </pre>
          </Tabs.Panel>
        ))}
      </Tabs>
      {promotion?.direction !== 'to' && <Restore org={org} entry={entry} />}
    </Stack>
  )
}

/** The thing that was changed, with a way to it where it has a page. */
function EntityLink({ org, entry }: { org: string; entry: AuditEntryView }) {
  const m = useMessages()
  const { project, entity, entityKey, entityId } = entry
  const name = (m.auditThings as Record<string, string>)[entity] ?? entity
  const inProject = project === null ? undefined : { org, project }
  const target =
    entity === 'flag' && inProject
      ? { to: '/p/$org/$project/flags/$flag', params: { ...inProject, flag: entityKey } }
      : entity === 'segment' && inProject
        ? { to: '/p/$org/$project/segments/$segment', params: { ...inProject, segment: entityKey } }
        : (entity === 'environment' || entity === 'key') && inProject
          ? { to: '/p/$org/$project/environments', params: inProject }
          : entity === 'group'
            ? { to: '/o/$org/groups/$group', params: { org, group: entityKey } }
            : entity === 'role'
              ? { to: '/o/$org/roles/$role', params: { org, role: entityKey } }
              : (entity === 'member' || entity === 'user') && entityId
                ? { to: '/o/$org/members/$id', params: { org, id: entityId } }
                : entity === 'service_account' && entityId
                  ? { to: '/o/$org/service-accounts/$id', params: { org, id: entityId } }
                  : entity === 'identity_provider'
                    ? { to: '/o/$org/sign-in/$provider', params: { org, provider: entityKey } }
                    : undefined
  return (
    <>
      {name}{' '}
      {target ? (
        <Text component={Link} to={target.to} params={target.params as never} size="sm" c="var(--mantine-color-anchor)" className="mono">
          {entityKey}
        </Text>
      ) : (
        <span className="mono">{entityKey}</span>
      )}
      {project && ` · ${project}`}
      {entry.environment && ` / ${entry.environment}`}
    </>
  )
}
