import { IconAlertTriangle, IconArchive, IconBraces, IconCalendarClock, IconCopy, IconHash, IconLetterT, IconSkull, IconToggleRight } from '@tabler/icons-react'
import { memo, type CSSProperties } from 'react'
import type { EnvironmentView, TagView } from '@/shared/api/types'
import { relativeTime } from '@/shared/components/RelativeTime'
import { variantColor } from '@/shared/components/variantColor'
import { findingText } from '@/shared/components/findingText'
import type { FlagItem } from '@/shared/flags/flagList'
import type { FlagProblems } from '@/shared/flags/problems'
import { useMessages } from '@/shared/i18n/messages'
import { useRecentChange } from '@/shared/live/recentChanges'
import { RolloutBar } from '@/shared/targeting/RolloutBar'
import { servesText } from '../useToggleWithConfirmation'
import type { Columns, PlainColumn } from './columns'
import classes from './FlagRows.module.css'
import { RowSwitch } from './RowSwitch'

const icons = { boolean: IconToggleRight, string: IconLetterT, number: IconHash, json: IconBraces }

/** What all rows share. It keeps its identity while nothing of it changes, so that a row is drawn again only for news of its own. */
export type RowContext = {
  href: (flag: string) => string
  columns: Columns
  current: EnvironmentView | undefined
  tags: ReadonlyMap<string, TagView>
  people: { [id: string]: string }
  mayToggle: (environment: string) => boolean
  /** Names of the environments in which something is scheduled, by flag. */
  scheduled: ReadonlyMap<string, string>
  /** What there is to say about configurations, by flag. */
  problems: ReadonlyMap<string, FlagProblems>
  selectable: boolean
  language: string
  onOpen: (flag: string, event: React.MouseEvent) => void
  onToggle: (flag: FlagItem, environment: EnvironmentView, enabled: boolean) => void
  onSelect: (flag: string, on: boolean, range: boolean) => void
  onCopy: (flag: string) => void
  onFocus: (index: number) => void
}

type Props = { flag: FlagItem; index: number; top: number; selected: boolean; now: number; context: RowContext; extra: (flag: FlagItem, column: PlainColumn) => React.ReactNode }

export const FlagRow = memo(function FlagRow({ flag, index, top, selected, now, context, extra }: Props) {
  const m = useMessages()
  const recent = useRecentChange('flag', flag.key)
  const { columns, current, people } = context
  const { plain } = columns
  const Icon = icons[flag.type]
  const state = current && flag.environments[current.key]
  const archived = flag.archivedAt !== null
  const tagName = (tag: string) => context.tags.get(tag)?.name ?? tag
  const killed = Object.values(flag.environments).some((item) => item.killed)
  const on = state !== undefined && state.enabled && !state.killed && !archived
  const time = (at: string) => relativeTime(at, now, context.language) ?? m.common.justNow
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={context.selectable ? selected : undefined}
      data-flag={flag.key}
      style={{ transform: `translateY(${top}px)` } as CSSProperties}
      className={`${classes.row} ${killed ? classes.killed : ''} ${selected ? classes.selected : ''} ${recent ? 'just-changed' : ''}`}
    >
      {context.selectable && (
        <div role="cell" className={classes.above}>
          <input
            type="checkbox"
            className={classes.check}
            aria-label={m.flagList.select(flag.key)}
            checked={selected}
            onClick={(event) => context.onSelect(flag.key, event.currentTarget.checked, event.shiftKey)}
            onChange={() => undefined}
          />
        </div>
      )}
      <div role="cell" className={classes.name}>
        <span className={classes.type} data-type={flag.type} data-hint={`${m.flagTypes[flag.type]} · ${m.flagKinds[flag.kind]}`} role="img" aria-label={m.flagTypes[flag.type]}>
          <Icon size={17} stroke={1.8} aria-hidden />
        </span>
        <div className={classes.texts}>
          <div className={classes.line}>
            <a
              href={context.href(flag.key)}
              className={classes.title}
              data-row-link={index}
              onClick={(event) => context.onOpen(flag.key, event)}
              onFocus={() => context.onFocus(index)}
            >
              {flag.name || flag.key}
            </a>
            {killed && (
              <span className={`${classes.chip} ${classes.killedChip}`}>
                <IconSkull size={12} aria-hidden />
                {m.flags.killed}
              </span>
            )}
            {context.scheduled.has(flag.key) && (
              <span className={`${classes.scheduled} ${classes.above}`} role="img" data-hint={m.schedules.listHint(context.scheduled.get(flag.key) ?? '')} aria-label={m.schedules.listHint(context.scheduled.get(flag.key) ?? '')}>
                <IconCalendarClock size={14} aria-hidden />
              </span>
            )}
            <ProblemBadge found={context.problems.get(flag.key)} />
            {archived && (
              <span className={classes.chip}>
                <IconArchive size={12} aria-hidden />
                {m.flags.archived}
              </span>
            )}
            {flag.tags.length > 0 && (
              <span className={`${classes.tags} ${classes.above}`} data-hint={flag.tags.length > 1 ? flag.tags.map(tagName).join(', ') : undefined}>
                {flag.tags.slice(0, 4).map((tag) => (
                  <span key={tag} className={classes.tag}>
                    <i aria-hidden style={{ background: context.tags.get(tag)?.color ?? 'var(--mantine-color-gray-6)' }} />
                    <span>{tagName(tag)}</span>
                  </span>
                ))}
              </span>
            )}
          </div>
          <div className={`${classes.line} ${classes.above} ${classes.passive}`}>
            <span className={classes.key} title={flag.key}>
              {flag.key}
            </span>
            <button type="button" className={classes.copy} aria-label={m.common.copyKey(flag.key)} data-hint={m.common.copy} onClick={() => context.onCopy(flag.key)}>
              <IconCopy size={13} aria-hidden />
            </button>
          </div>
        </div>
      </div>
      {plain.has('serves') && (
        <div role="cell" className={classes.serves} data-off={!on || undefined}>
          {state && current && (
            <>
              {on && state.rollout !== null && (
                <RolloutBar
                  height={6}
                  parts={state.rollout.map(({ variant, percent }) => ({ key: variant, share: percent * 100, color: variantColor(flag.variants.indexOf(variant)) }))}
                />
              )}
              <div className={`mono ${classes.ellipsis}`} title={state.serves}>
                {servesText(flag, current.key, on, m)}
              </div>
              {on && state.rules > 0 && <div className={classes.dim}>{m.flags.rules(state.rules)}</div>}
            </>
          )}
        </div>
      )}
      {columns.environments.map((environment) => (
        <div
          key={environment.key}
          role="cell"
          className={`${classes.environment} ${classes.above}`}
          data-current={environment.key === current?.key || undefined}
          data-critical={environment.critical || undefined}
        >
          <RowSwitch
            flag={flag}
            environment={environment}
            allowed={context.mayToggle(environment.key)}
            onToggle={(enabled) => context.onToggle(flag, environment, enabled)}
          />
        </div>
      ))}
      {plain.has('usage') && <div role="cell" className={classes.passive}>{extra(flag, 'usage')}</div>}
      {plain.has('lifecycle') && <div role="cell" className={classes.above}>{extra(flag, 'lifecycle')}</div>}
      {plain.has('owner') && (
        <div role="cell" className={`${classes.dim} ${classes.ellipsis}`}>
          {flag.owner === null ? '–' : (people[flag.owner] ?? '–')}
        </div>
      )}
      {plain.has('category') && (
        <div role="cell" className={`${classes.dim} ${classes.ellipsis}`}>
          {flag.category ?? '–'}
        </div>
      )}
      {plain.has('created') && (
        <div role="cell" className={classes.dim}>
          <time dateTime={flag.createdAt} data-time={flag.createdAt} className={classes.above}>
            {time(flag.createdAt)}
          </time>
        </div>
      )}
      {plain.has('updated') && (
        <div role="cell" className={classes.updated}>
          <time dateTime={flag.changedAt} data-time={flag.changedAt} className={classes.above}>
            {time(flag.changedAt)}
          </time>
          <div className={`${classes.dim} ${classes.ellipsis}`}>{recent ? recent.who : flag.changedBy === null ? '' : (people[flag.changedBy] ?? '')}</div>
        </div>
      )}
    </div>
  )
})

/** Says that rules of a flag do not do what they seem to, and what is the worst of it. */
function ProblemBadge({ found }: { found: FlagProblems | undefined }) {
  const m = useMessages()
  if (found === undefined) {
    return null
  }
  const text = `${findingText(found.worst, m)} ${m.overview.problemIn(found.environments.join(', '), found.count)}`
  return (
    <span className={`${classes.problem} ${classes.above}`} data-severity={found.worst.severity} role="img" aria-label={text} data-hint={text}>
      <IconAlertTriangle size={14} aria-hidden />
    </span>
  )
}
