import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import type { FlagItem } from '@/shared/flags/flagList'
import { useMessages } from '@/shared/i18n/messages'
import { gridOf, type PlainColumn } from './columns'
import { FlagRow, type RowContext } from './FlagRow'
import classes from './FlagRows.module.css'
import { useRowKeys } from './useRowKeys'

type Props = {
  flags: FlagItem[]
  selected: ReadonlySet<string>
  context: Omit<RowContext, 'onFocus'>
  onSelectAll: (on: boolean) => void
  extra: (flag: FlagItem, column: PlainColumn) => ReactNode
}

const rowHeight = 66
const minute = 60_000

/** The flags as a table of which only the visible rows exist, so that 5,000 scroll like 50. */
export function FlagRows({ flags, selected, context: given, onSelectAll, extra }: Props) {
  const m = useMessages()
  const list = useRef<HTMLDivElement>(null)
  const [margin, setMargin] = useState(0)
  const [now, setNow] = useState(() => Date.now())
  const virtualizer = useWindowVirtualizer({
    count: flags.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: margin,
    getItemKey: (index) => flags[index]?.key ?? index,
    useFlushSync: false,
  })

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute)
    return () => clearInterval(timer)
  }, [])
  // What stands above the list may grow by a line.
  useEffect(() => setMargin(list.current === null ? 0 : list.current.getBoundingClientRect().top + window.scrollY), [flags.length, given.columns])

  const keys = useRowKeys({ flags, context: given, selected, scrollTo: (index) => virtualizer.scrollToIndex(index) })
  const [context, setContext] = useState<RowContext>({ ...given, onFocus: keys.onFocus })
  if (context.columns !== given.columns || Object.entries(given).some(([name, value]) => context[name as keyof RowContext] !== value)) {
    setContext({ ...given, onFocus: keys.onFocus })
  }

  const { columns, current, selectable } = given
  const all = flags.length > 0 && flags.every((flag) => selected.has(flag.key))
  const style = { '--grid': gridOf(columns, selectable) } as React.CSSProperties
  const head = (column: PlainColumn, title: string, hint?: string) =>
    columns.plain.has(column) && (
      <span role="columnheader" data-hint={hint}>
        {title}
      </span>
    )
  return (
    <div role="table" aria-label={m.flags.title} aria-rowcount={flags.length + 1} style={style} data-testid="flag-rows">
      <div role="rowgroup" className={classes.headGroup}>
        <div role="row" className={`${classes.row} ${classes.head}`} aria-rowindex={1}>
          {selectable && (
            <span role="columnheader">
              <input
                type="checkbox"
                className={classes.check}
                aria-label={m.flagList.selectAll}
                checked={all}
                ref={(box) => {
                  if (box !== null) {
                    box.indeterminate = selected.size > 0 && !all
                  }
                }}
                onChange={(event) => onSelectAll(event.currentTarget.checked)}
              />
            </span>
          )}
          <span role="columnheader">{m.flags.columnFlag}</span>
          {head('serves', m.flags.columnServes(current?.name ?? ''))}
          {columns.environments.map((environment) => (
            <span
              key={environment.key}
              role="columnheader"
              className={classes.environment}
              data-current={environment.key === current?.key || undefined}
              data-critical={environment.critical || undefined}
            >
              <EnvironmentMark environment={environment} size="xs" />
            </span>
          ))}
          {head('usage', m.flagList.columnName.usage, m.flagList.usageHint)}
          {head('lifecycle', m.flagList.columnName.lifecycle)}
          {head('owner', m.flagList.columnName.owner)}
          {head('category', m.flagList.columnName.category)}
          {head('created', m.flagList.columnName.created)}
          {head('updated', m.flags.columnUpdated)}
        </div>
      </div>
      <div ref={list} role="rowgroup" className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((row) => {
          const flag = flags[row.index]
          return (
            flag && (
              <FlagRow
                key={row.key}
                flag={flag}
                index={row.index}
                top={row.start - margin}
                selected={selected.has(flag.key)}
                now={now}
                context={context}
                extra={extra}
              />
            )
          )
        })}
      </div>
    </div>
  )
}
