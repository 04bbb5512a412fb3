import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { EnvironmentView, FlagView } from '@/shared/api/types'
import { EnvironmentMark } from '@/shared/components/EnvironmentMark'
import { useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useToggleWithConfirmation } from '../useToggleWithConfirmation'
import { FlagRow } from './FlagRow'
import classes from './FlagRows.module.css'

type Props = {
  scope: Scope
  flags: FlagView[]
  environments: EnvironmentView[]
  current: EnvironmentView | undefined
  /** Called when the last rows come into sight. */
  onEnd: () => void
}

const rowHeight = 66

/** The flags as a table of which only the visible rows exist, so that 5,000 scroll like 50. */
export function FlagRows({ scope, flags, environments, current, onEnd }: Props) {
  const m = useMessages()
  const toggle = useToggleWithConfirmation(scope)
  const list = useRef<HTMLDivElement>(null)
  const virtualizer = useWindowVirtualizer({
    count: flags.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => flags[index]?.key ?? index,
  })
  const rows = virtualizer.getVirtualItems()
  const last = rows.at(-1)?.index ?? 0

  useEffect(() => {
    if (last >= flags.length - 20) {
      onEnd()
    }
  })

  const columns = { '--environments': environments.length } as React.CSSProperties
  return (
    <div role="table" aria-label={m.flags.title} aria-rowcount={flags.length + 1} style={columns}>
      <div role="rowgroup" className={classes.headGroup}>
        <div role="row" className={`${classes.row} ${classes.head}`} aria-rowindex={1}>
          <span role="columnheader">{m.flags.columnFlag}</span>
          <span role="columnheader" className={classes.serves}>
            {m.flags.columnServes(current?.name ?? '')}
          </span>
          {environments.map((environment) => (
            <span
              key={environment.key}
              role="columnheader"
              className={classes.environment}
              data-current={environment.key === current?.key || undefined}
            >
              <EnvironmentMark environment={environment} size="xs" />
            </span>
          ))}
          <span role="columnheader" className={classes.updated}>
            {m.flags.columnUpdated}
          </span>
        </div>
      </div>
      <div ref={list} role="rowgroup" style={{ position: 'relative', height: virtualizer.getTotalSize() }}>
        {rows.map((row) => {
          const flag = flags[row.index]
          return (
            flag && (
              <FlagRow
                key={row.key}
                flag={flag}
                index={row.index}
                scope={scope}
                environments={environments}
                current={current}
                onToggle={toggle}
                style={{
                  position: 'absolute',
                  insetInline: 0,
                  top: 0,
                  height: row.size,
                  transform: `translateY(${row.start - virtualizer.options.scrollMargin}px)`,
                }}
              />
            )
          )
        })}
      </div>
    </div>
  )
}
