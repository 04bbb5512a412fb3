import { ActionIcon, Badge, Menu, Text } from '@mantine/core'
import { IconBrowser, IconDots, IconPencil, IconRefresh, IconServer, IconTrash } from '@tabler/icons-react'
import type { SdkKeyView } from '@/shared/api/types'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useMessages } from '@/shared/i18n/messages'
import { isDead, stateOf } from './keyState'
import classes from './SdkKeys.module.css'

type Props = {
  sdkKey: SdkKeyView
  now: number
  /** The beginning of the key that takes its place. */
  successor: string | undefined
  onEdit: () => void
  onRotate: () => void
  onRevoke: () => void
}

const colors = { active: 'teal', expiring: 'orange', replaced: 'orange', expired: 'gray', revoked: 'gray' }

/** One key: what it is, whether and by whom it is used, how long it lives. */
export function KeyLine({ sdkKey: key, now, successor, onEdit, onRotate, onRevoke }: Props) {
  const m = useMessages()
  const Icon = key.kind === 'server' ? IconServer : IconBrowser
  const state = stateOf(key, now)
  const dead = isDead(state)
  const terms = [
    key.rateLimit === null ? null : key.rateLimit.perSecond === 0 ? m.environments.noLimit : m.environments.limit(key.rateLimit.perSecond),
    key.origins === null ? null : key.origins.length === 0 ? m.environments.noOrigins : key.origins.join(', '),
  ].filter((item) => item !== null)
  return (
    <li className={classes.line} data-dead={dead || undefined} aria-label={key.name}>
      <Icon size={17} aria-hidden className={classes.icon} />
      <div className={classes.name}>
        <Text size="sm" fw={550} truncate title={key.name}>
          {key.name}
        </Text>
        <Text size="xs" c="dimmed" component="div" className={classes.terms}>
          <span className="mono">{key.prefix}…</span>
          {terms.length > 0 && ` · ${terms.join(' · ')}`}
        </Text>
      </div>
      <div className={classes.badges}>
        <Badge variant="light" tt="none" color={key.kind === 'server' ? 'brand' : 'teal'}>
          {key.kind === 'server' ? m.environments.server : m.environments.client}
        </Badge>
        {state !== 'active' && (
          <Badge color={colors[state]} variant="light" tt="none" title={successor === undefined ? undefined : m.environments.replacedBy(successor)}>
            {m.environments.states[state]}
          </Badge>
        )}
      </div>
      <div className={classes.used}>
        <Text size="xs" component="div">
          {key.lastUsedAt === null ? (
            m.environments.neverUsed
          ) : (
            <>
              {m.environments.lastUsed} <RelativeTime at={key.lastUsedAt} />
            </>
          )}
          {key.lastUsedAddress !== null && (
            <Text span size="xs" c="dimmed" className="mono">
              {' '}
              {key.lastUsedAddress}
            </Text>
          )}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {m.environments.issuedAt} <RelativeTime at={key.createdAt} />
          {key.expiresAt !== null && key.revokedAt === null && (
            <>
              {' · '}
              {state === 'expired' ? m.environments.endedAt : m.environments.endsAt} <RelativeTime at={key.expiresAt} />
            </>
          )}
        </Text>
      </div>
      {dead ? (
        <span style={{ width: 28 }} />
      ) : (
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${key.name}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={15} aria-hidden />} onClick={onEdit}>
              {m.common.edit}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconRefresh size={15} aria-hidden />}
              disabled={key.replacedBy !== null}
              onClick={onRotate}
            >
              {m.environments.rotate}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" c="var(--mantine-color-error)" leftSection={<IconTrash size={15} aria-hidden />} onClick={onRevoke}>
              {m.environments.revoke}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  )
}
