import type { AttributeType } from '../api/types'
import type { Scalar } from './model'

/** What an operator compares with: nothing, one value, a list, or a text that may also be a list (any of them). */
export type ValueShape = 'none' | 'scalar' | 'list' | 'texts' | 'number' | 'pattern' | 'instant' | 'version'

const shapes: Record<string, ValueShape> = {
  eq: 'scalar',
  neq: 'scalar',
  in: 'list',
  not_in: 'list',
  gt: 'number',
  gte: 'number',
  lt: 'number',
  lte: 'number',
  contains: 'texts',
  not_contains: 'texts',
  starts_with: 'texts',
  not_starts_with: 'texts',
  ends_with: 'texts',
  not_ends_with: 'texts',
  matches: 'pattern',
  not_matches: 'pattern',
  exists: 'none',
  not_exists: 'none',
  before: 'instant',
  after: 'instant',
  semver_eq: 'version',
  semver_gt: 'version',
  semver_gte: 'version',
  semver_lt: 'version',
  semver_lte: 'version',
  ip_in: 'texts',
  not_ip_in: 'texts',
}

export const allOperators = Object.keys(shapes)

const presence = ['exists', 'not_exists']
const equality = ['eq', 'neq', 'in', 'not_in']
const texts = ['contains', 'not_contains', 'starts_with', 'not_starts_with', 'ends_with', 'not_ends_with', 'matches', 'not_matches']

const byType: Record<AttributeType, string[]> = {
  string: [...equality, ...texts, ...presence],
  number: ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'not_in', ...presence],
  boolean: ['eq', 'neq', ...presence],
  date: ['before', 'after', ...presence],
  semver: ['semver_gte', 'semver_gt', 'semver_lte', 'semver_lt', 'semver_eq', ...presence],
  ip: ['ip_in', 'not_ip_in', 'eq', 'neq', ...presence],
  array: ['in', 'not_in', 'eq', 'neq', 'contains', 'not_contains', ...presence],
}

/** The operators that make sense for a type, the usual ones first. Without a type: all. */
export function operatorsFor(type: AttributeType | undefined): string[] {
  return type === undefined ? allOperators : byType[type]
}

export function shapeOf(operator: string): ValueShape {
  return shapes[operator] ?? 'scalar'
}

const foldable = new Set([...equality, ...texts.filter((item) => !item.endsWith('matches'))])

/** Whether an operator knows `ignoreCase`. */
export const canIgnoreCase = (operator: string) => foldable.has(operator)

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** A typed text as the value that an attribute of the type has: `"18"` is 18 for a number and stays a text for a string. */
export function parseScalar(text: string, type: AttributeType | undefined): Scalar {
  if (type === 'number' && number.test(text.trim())) {
    return Number(text)
  }
  if (type === 'boolean' && (text === 'true' || text === 'false')) {
    return text === 'true'
  }
  return text
}

/** What a clause's value becomes when its operator changes: kept as far as the new operator can use it. */
export function adaptValue(
  value: Scalar | Scalar[] | undefined,
  operator: string,
  type: AttributeType | undefined,
): Scalar | Scalar[] | undefined {
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value]
  switch (shapeOf(operator)) {
    case 'none':
      return undefined
    case 'list':
      return list.filter((item) => item !== '')
    case 'texts': {
      const all = list.map(String).filter((item) => item !== '')
      return all.length === 1 ? (all[0] as string) : all
    }
    case 'number':
      return typeof list[0] === 'number' ? list[0] : number.test(String(list[0] ?? '')) ? Number(list[0]) : 0
    case 'scalar':
      return list[0] ?? (type === 'boolean' ? true : type === 'number' ? 0 : '')
    default:
      return String(list[0] ?? '')
  }
}
