import type { Configuration } from '../api/types'
import { allOperators } from './operators'
import type { Condition, Serve } from './model'

/** Why a text is no configuration: where, and what was expected. */
export class ShapeError extends Error {
  readonly path: string

  constructor(path: string, expected: string) {
    super(`${path || '/'}: ${expected}`)
    this.path = path
    this.name = 'ShapeError'
  }
}

type Json = Record<string, unknown>

const deepest = 32

function object(value: unknown, path: string, members: string[]): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(path, 'expected an object')
  }
  const unknown = Object.keys(value).find((key) => !members.includes(key))
  if (unknown !== undefined) {
    throw new ShapeError(path, `unknown property "${unknown}"`)
  }
  return value as Json
}

function array(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new ShapeError(path, 'expected an array')
  }
  return value
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') {
    throw new ShapeError(path, 'expected a text')
  }
  return value
}

const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

/** Reads a configuration that somebody wrote as JSON. Throws {@link ShapeError} or a syntax error. */
export function parseConfiguration(source: string): Configuration {
  return parseConfigurationValue(JSON.parse(source))
}

/** {@link parseConfiguration} for what is JSON already. */
export function parseConfigurationValue(value: unknown): Configuration {
  const root = object(value, '', ['prerequisites', 'targets', 'rules', 'default', 'offVariant'])
  return {
    prerequisites: array(root.prerequisites ?? [], '/prerequisites').map((item, index) => {
      const path = `/prerequisites/${index}`
      const { flag, variants } = object(item, path, ['flag', 'variants'])
      return { flag: text(flag, `${path}/flag`), variants: texts(variants, `${path}/variants`) }
    }),
    targets: array(root.targets ?? [], '/targets').map((item, index) => {
      const path = `/targets/${index}`
      const { variant, keys } = object(item, path, ['variant', 'keys'])
      return { variant: text(variant, `${path}/variant`), keys: texts(keys, `${path}/keys`) }
    }),
    rules: array(root.rules ?? [], '/rules').map((item, index) => {
      const path = `/rules/${index}`
      const { id, name, if: condition, then } = object(item, path, ['id', 'name', 'if', 'then'])
      return {
        id: text(id, `${path}/id`),
        ...(name === undefined || name === null ? {} : { name: text(name, `${path}/name`) }),
        if: parseCondition(condition, `${path}/if`),
        then: parseServe(then, `${path}/then`),
      }
    }),
    default: parseServe(root.default, '/default'),
    offVariant: root.offVariant === null || root.offVariant === undefined ? null : text(root.offVariant, '/offVariant'),
  }
}

function texts(value: unknown, path: string): string[] {
  return array(value, path).map((item, index) => text(item, `${path}/${index}`))
}

export function parseCondition(value: unknown, path: string, depth = 1): Condition {
  if (depth > deepest) {
    throw new ShapeError(path, `conditions nest at most ${deepest} deep`)
  }
  const condition = object(value, path, [
    'and', 'or', 'not', 'segment', 'percentage', 'bucketBy', 'seed', 'attribute', 'operator', 'value', 'ignoreCase',
  ])
  const kinds = ['and', 'or', 'not', 'segment', 'percentage', 'attribute'].filter((kind) => kind in condition)
  if (kinds.length !== 1) {
    throw new ShapeError(path, 'expected exactly one of and, or, not, segment, percentage, attribute')
  }
  switch (kinds[0]) {
    case 'and':
    case 'or': {
      const kind = kinds[0]
      const items = array(condition[kind], `${path}/${kind}`).map((item, index) =>
        parseCondition(item, `${path}/${kind}/${index}`, depth + 1),
      )
      return kind === 'and' ? { and: items } : { or: items }
    }
    case 'not':
      return { not: parseCondition(condition.not, `${path}/not`, depth + 1) }
    case 'segment':
      text(condition.segment, `${path}/segment`)
      break
    case 'percentage':
      if (typeof condition.percentage !== 'number' || condition.percentage < 0 || condition.percentage > 100) {
        throw new ShapeError(`${path}/percentage`, 'expected a number from 0 to 100')
      }
      break
    default:
      text(condition.attribute, `${path}/attribute`)
      if (!allOperators.includes(text(condition.operator, `${path}/operator`))) {
        throw new ShapeError(`${path}/operator`, 'unknown operator')
      }
      if (condition.value !== undefined && !isScalar(condition.value) && !(Array.isArray(condition.value) && condition.value.every(isScalar))) {
        throw new ShapeError(`${path}/value`, 'expected a text, number, boolean or an array of them')
      }
  }
  return condition as unknown as Condition
}

export function parseServe(value: unknown, path: string): Serve {
  const serve = object(value, path, ['variant', 'rollout', 'experiment', 'off'])
  const kinds = Object.keys(serve)
  if (kinds.length !== 1) {
    throw new ShapeError(path, 'expected exactly one of variant, rollout, experiment, off')
  }
  switch (kinds[0]) {
    case 'variant':
      return { variant: text(serve.variant, `${path}/variant`) }
    case 'experiment':
      return { experiment: text(serve.experiment, `${path}/experiment`) }
    case 'off':
      if (serve.off !== true) {
        throw new ShapeError(`${path}/off`, 'expected true')
      }
      return { off: true }
    default: {
      const rollout = object(serve.rollout, `${path}/rollout`, ['variations', 'bucketBy', 'seed', 'algorithm', 'weightsVersion'])
      array(rollout.variations, `${path}/rollout/variations`).forEach((item, index) => {
        const at = `${path}/rollout/variations/${index}`
        const { key, weight } = object(item, at, ['key', 'weight'])
        text(key, `${at}/key`)
        if (!Number.isInteger(weight) || (weight as number) < 0 || (weight as number) > 1_000_000) {
          throw new ShapeError(`${at}/weight`, 'expected an integer from 0 to 1000000')
        }
      })
      return serve as unknown as Serve
    }
  }
}
