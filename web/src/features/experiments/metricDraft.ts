import type { MetricDefinition, MetricFilter } from './api'

export type Kind = MetricDefinition['kind']
export type Operator = MetricFilter['operator']
export type FilterDraft = { property: string; operator: Operator; text: string }

/** A definition while it is edited. */
export type MetricDraft = {
  kind: Kind
  event: string
  value: string
  filters: FilterDraft[]
  numerator: 'count' | 'sum'
  denominatorEvent: string
  denominator: 'count' | 'sum'
  denominatorValue: string
  denominatorFilters: FilterDraft[]
  quantile: number
  fromDay: number
  toDay: number
  windowHours: number | null
  outliers: 'none' | 'cap' | 'winsorize'
  cap: number
  winsorize: number
  direction: 'increase' | 'decrease'
  unit: string
}

export const kinds: Kind[] = ['conversion', 'count', 'sum', 'mean', 'ratio', 'quantile', 'retention']
export const operators: Operator[] = ['eq', 'neq', 'in', 'notIn', 'gt', 'gte', 'lt', 'lte', 'contains', 'exists', 'notExists']
export const looksAtValue = ({ kind, numerator }: MetricDraft) => kind === 'sum' || kind === 'mean' || kind === 'quantile' || (kind === 'ratio' && numerator === 'sum')
export const hasOutliers = ({ kind }: MetricDraft) => kind === 'count' || kind === 'sum' || kind === 'mean' || kind === 'ratio'

/** The text that is read as the value again: a text that looks like something else stands in quotes. */
const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.map(textOf).join(', ') : typeof value === 'string' ? (scalarOf(value) === value ? value : `"${value}"`) : value === undefined || value === null ? '' : JSON.stringify(value)

/** What was typed as the value that it looks like: a number, true or false, else a text. In quotes it stays a text. */
export function scalarOf(text: string): string | number | boolean {
  const typed = text.trim()
  if (typed === 'true' || typed === 'false') {
    return typed === 'true'
  }
  if (typed.length > 1 && typed.startsWith('"') && typed.endsWith('"')) {
    return typed.slice(1, -1)
  }
  return typed !== '' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(typed) ? Number(typed) : typed
}

const toFilterDraft = ({ property, operator, value }: MetricFilter): FilterDraft => ({ property, operator, text: textOf(value) })

export function draftOf(definition?: MetricDefinition): MetricDraft {
  return {
    kind: definition?.kind ?? 'conversion',
    event: definition?.event ?? '',
    value: definition?.value ?? '',
    filters: (definition?.filters ?? []).map(toFilterDraft),
    numerator: definition?.numerator ?? 'count',
    denominatorEvent: definition?.denominator?.event ?? '',
    denominator: definition?.denominator?.aggregation ?? 'count',
    denominatorValue: definition?.denominator?.value ?? '',
    denominatorFilters: (definition?.denominator?.filters ?? []).map(toFilterDraft),
    quantile: definition?.quantile ?? 0.95,
    fromDay: definition?.fromDay ?? 7,
    toDay: definition?.toDay ?? 14,
    windowHours: definition?.windowHours ?? null,
    outliers: typeof definition?.cap === 'number' ? 'cap' : typeof definition?.winsorize === 'number' ? 'winsorize' : 'none',
    cap: definition?.cap ?? 1000,
    winsorize: definition?.winsorize ?? 0.99,
    direction: definition?.direction ?? 'increase',
    unit: definition?.unit ?? '',
  }
}

const filterOf = ({ property, operator, text }: FilterDraft): MetricFilter => {
  const value =
    operator === 'exists' || operator === 'notExists'
      ? undefined
      : operator === 'in' || operator === 'notIn'
        ? text.split(',').filter((part) => part.trim() !== '').map(scalarOf)
        : operator === 'contains'
          ? text
          : scalarOf(text)
  return { property: property.trim(), operator, value: value as never }
}

export function toDefinition(draft: MetricDraft): MetricDefinition {
  const { kind } = draft
  const outliers = hasOutliers(draft) ? draft.outliers : 'none'
  return {
    kind,
    event: draft.event.trim(),
    value: looksAtValue(draft) && draft.value.trim() !== '' ? draft.value.trim() : null,
    filters: draft.filters.map(filterOf),
    numerator: kind === 'ratio' ? draft.numerator : null,
    denominator:
      kind === 'ratio'
        ? { event: draft.denominatorEvent.trim(), aggregation: draft.denominator, value: draft.denominator === 'sum' && draft.denominatorValue.trim() !== '' ? draft.denominatorValue.trim() : null, filters: draft.denominatorFilters.map(filterOf) }
        : null,
    quantile: kind === 'quantile' ? draft.quantile : null,
    fromDay: kind === 'retention' ? draft.fromDay : null,
    toDay: kind === 'retention' ? draft.toDay : null,
    windowHours: kind === 'retention' ? null : draft.windowHours,
    cap: outliers === 'cap' ? draft.cap : null,
    winsorize: outliers === 'winsorize' ? draft.winsorize : null,
    direction: draft.direction,
    unit: draft.unit.trim(),
  }
}
