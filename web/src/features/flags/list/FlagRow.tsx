import { Badge, Group, Switch, Text, Tooltip } from '@mantine/core'
import { IconSkull } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { CopyKey } from '@/shared/components/CopyKey'
import { FlagTypeIcon } from '@/shared/components/FlagTypeIcon'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { TagBadge } from '@/shared/components/TagBadge'
import { useMessages } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { tagsQuery } from '@/shared/project/catalogue'
import { may, meQuery } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { FlagSwitch } from '../FlagSwitch'
import { servesText } from '../useToggleWithConfirmation'
import classes from './FlagRows.module.css'

type Props = {
  flag: FlagView
  index: number
  scope: Scope
  environments: EnvironmentView[]
  current: EnvironmentView | undefined
  onToggle: (flag: FlagView, environment: EnvironmentView, enabled: boolean) => Promise<void>
  style: CSSProperties
}

export function FlagRow({ flag, index, scope, environments, current, onToggle, style }: Props) {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const recent = useRecentChange('flag', flag.key)
  const state = current && flag.environments[current.key]
  const killed = Object.values(flag.environments).some((item) => item.killed)
  const archived = flag.archivedAt !== null
  const shownTags = flag.tags.slice(0, 3)

  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      style={style}
      className={`${classes.row} ${killed ? classes.killed : ''} ${recent ? 'just-changed' : ''}`}
    >
      <div role="cell" style={{ minWidth: 0 }}>
        <Group gap={12} wrap="nowrap">
          <FlagTypeIcon type={flag.type} size={30} />
          <div style={{ minWidth: 0 }}>
            <Group gap={8} wrap="nowrap">
              <Link to="/p/$org/$project/flags/$flag" params={{ ...scope, flag: flag.key }} className={classes.title}>
                {flag.name || flag.key}
              </Link>
              {killed && (
                <Badge color="red.8" size="sm" leftSection={<IconSkull size={11} aria-hidden />} style={{ flex: 'none' }}>
                  {m.flags.killed}
                </Badge>
              )}
              {archived && (
                <Badge color="gray" variant="light" size="sm" style={{ flex: 'none' }}>
                  {m.flags.archived}
                </Badge>
              )}
            </Group>
            <Group gap={8} wrap="nowrap" className={classes.above} style={{ pointerEvents: 'none' }}>
              <span style={{ pointerEvents: 'auto', minWidth: 60, display: 'flex' }}>
                <CopyKey value={flag.key} />
              </span>
              {shownTags.map((tag) => (
                <TagBadge key={tag} tag={tags.find((item) => item.key === tag) ?? { key: tag, name: tag, color: '' }} />
              ))}
              {flag.tags.length > shownTags.length && (
                <Text size="xs" c="dimmed">
                  +{flag.tags.length - shownTags.length}
                </Text>
              )}
            </Group>
          </div>
        </Group>
      </div>
      <div role="cell" className={classes.serves} style={{ minWidth: 0 }}>
        {state && current && (
          <>
            <div className={`mono ${classes.ellipsis}`} title={state.serves}>
              {servesText(flag, current.key, state.enabled && !state.killed && !archived, m)}
            </div>
            {state.ruleCount > 0 && (
              <Text size="xs" c="dimmed">
                {m.flags.rules(state.ruleCount)}
              </Text>
            )}
          </>
        )}
      </div>
      {environments.map((environment) => {
        const summary = flag.environments[environment.key]
        const label = m.flags.toggleLabel(flag.key, environment.name)
        return (
          <div
            key={environment.key}
            role="cell"
            className={`${classes.environment} ${classes.above}`}
            data-current={environment.key === current?.key || undefined}
            data-critical={environment.critical || undefined}
          >
            {summary &&
              (summary.killed ? (
                <Tooltip label={`${m.flags.killedCannotToggle} ${summary.killReason ?? ''}`}>
                  <Switch checked={false} readOnly color="red" aria-label={label} aria-disabled thumbIcon={<IconSkull size={10} color="var(--mantine-color-red-6)" />} />
                </Tooltip>
              ) : (
                <FlagSwitch
                  checked={summary.enabled}
                  archived={archived}
                  allowed={may(me, 'flag.toggle', { ...scope, environment: environment.key })}
                  environment={environment.name}
                  label={label}
                  onChange={(enabled) => void onToggle(flag, environment, enabled)}
                />
              ))}
          </div>
        )
      })}
      <div role="cell" className={`${classes.updated} ${classes.above}`} style={{ minWidth: 0, pointerEvents: 'none' }}>
        <Text size="xs" component="div" style={{ pointerEvents: 'auto', width: 'fit-content' }}>
          <RelativeTime at={flag.updatedAt} />
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {recent ? recent.who : (flag.updatedBy?.name ?? '')}
        </Text>
      </div>
    </div>
  )
}
