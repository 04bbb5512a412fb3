import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, type ReactNode } from 'react'
import { Sparkline } from '@/shared/components/Sparkline'
import type { FlagItem } from '@/shared/flags/flagList'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { usageQuery } from '@/shared/project/usage'
import type { PlainColumn } from './columns'
import classes from './FlagRows.module.css'

const stages = ['new', 'active', 'stale'] as const
const nothing: number[] = []

/** The columns that come from counting evaluations: how often in the chosen environment, and where the flag is in its life. */
export function useExtraColumns(scope: Scope, environment: string | undefined, plain: ReadonlySet<PlainColumn>) {
  const m = useMessages()
  const { language } = useLanguage()
  const { data } = useQuery({ ...usageQuery(scope, environment), enabled: plain.has('usage') && environment !== undefined })
  const numbers = useMemo(() => new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }), [language])

  const extra = useCallback(
    (flag: FlagItem, column: PlainColumn): ReactNode => {
      if (column === 'lifecycle') {
        const { stage, reasons } = flag.lifecycle
        const hint = reasons.length > 0 ? reasons.map((reason) => m.lifecycle.reasons[reason]).join(' ') : m.lifecycle[`${stage}Hint`]
        return (
          <span className={classes.stage} data-stage={stage} data-hint={hint}>
            {m.lifecycle[stage]}
          </span>
        )
      }
      const usage = data !== undefined && Object.hasOwn(data.flags, flag.key) ? data.flags[flag.key] : undefined
      return (
        data !== undefined && (
          <div className={classes.usage} data-hint={usage === undefined ? m.usage.sparkNone(m.usage.flagSpark(flag.key)) : m.usage.evaluations(usage.total)}>
            <Sparkline values={usage?.series ?? nothing} label={m.usage.flagSpark(flag.key)} width={58} height={22} />
            <span className={classes.dim}>{usage === undefined || usage.total === 0 ? '' : numbers.format(usage.total)}</span>
          </div>
        )
      )
    },
    [data, m, numbers],
  )
  const lifecycles = stages.map((stage) => ({ value: stage as string, label: m.lifecycle[stage] }))
  return { extra, lifecycles }
}
