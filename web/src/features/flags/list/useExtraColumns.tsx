import { useCallback, type ReactNode } from 'react'
import type { FlagItem } from '@/shared/flags/flagList'
import type { Scope } from '@/shared/project/scope'
import type { PlainColumn } from './columns'

/** The columns that come from counting evaluations. */
export function useExtraColumns(_scope: Scope, _environment: string | undefined, _plain: ReadonlySet<PlainColumn>) {
  const extra = useCallback((_flag: FlagItem, _column: PlainColumn): ReactNode => null, [])
  return { extra, lifecycles: [] as { value: string; label: string }[] }
}
