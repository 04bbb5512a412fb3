import { compilePattern } from './pattern'

/** What is wrong with a schema or a value, and where: the name of a text, and what it speaks of. */
export type Fault = { path: string; text: FaultText; about: string }
export type FaultText =
  | 'never' | 'type' | 'enum' | 'additional' | 'required' | 'minProperties' | 'maxProperties' | 'minItems' | 'maxItems' | 'repeated' | 'minLength' | 'maxLength' | 'pattern'
  | 'minimum' | 'maximum' | 'above' | 'below' | 'multipleOf' | 'anyOf' | 'oneOf' | 'not'
  | 'schemaDepth' | 'schemaKind' | 'keyword' | 'schemaType' | 'schemaTexts' | 'schemaObject' | 'schemaList' | 'schemaSwitch' | 'schemaCount' | 'schemaNumber' | 'schemaPattern' | 'schemaZero'

/** One schema and the schemas in it. Keywords that are absent are undefined. */
export type SchemaNode = {
  never?: boolean
  types?: string[]
  enum?: unknown[]
  properties?: Map<string, SchemaNode>
  required?: string[]
  additionalProperties?: SchemaNode
  items?: SchemaNode
  allOf?: SchemaNode[]
  anyOf?: SchemaNode[]
  oneOf?: SchemaNode[]
  not?: SchemaNode
  uniqueItems?: boolean
  minProperties?: number
  maxProperties?: number
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  /** Whether a text matches; undefined where only the server can tell. */
  pattern?: (text: string) => boolean | undefined
}

const deepest = 32
const longestPattern = 1000
const typeNames = ['null', 'boolean', 'string', 'number', 'integer', 'array', 'object']
const annotations = new Set(['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'format', 'deprecated'])

/**
 * Reads a schema as the server does (src/Togglr.ControlPlane/JsonSchemas, whose README names the keywords): what is not understood is a fault, never ignored.
 * spec/json-schema-cases.json holds both to the same answers.
 */
export function readSchema(schema: unknown): { node: SchemaNode; faults: Fault[] } {
  const faults: Fault[] = []
  return { node: read(schema, '', 0, faults), faults }
}

function read(schema: unknown, path: string, depth: number, faults: Fault[]): SchemaNode {
  const fault = (text: FaultText, at = path, about = '') => void faults.push({ path: at, text, about })
  if (depth > deepest) {
    fault('schemaDepth', path, String(deepest))
    return {}
  }
  if (typeof schema === 'boolean') {
    return schema ? {} : { never: true }
  }
  if (!isObject(schema)) {
    fault('schemaKind')
    return {}
  }
  const node: SchemaNode = {}
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${keyword}`
    switch (keyword) {
      case 'type': {
        const names = typeof value === 'string' ? [value] : value
        if (!areTexts(names)) {
          fault('schemaTexts', at)
        } else if (names.length === 0 || !names.every((name) => typeNames.includes(name))) {
          fault('schemaType', at, typeNames.join(', '))
        } else {
          node.types = names
        }
        break
      }
      case 'enum':
        if (Array.isArray(value)) {
          node.enum = value
        } else {
          fault('schemaList', at)
        }
        break
      case 'const':
        node.enum = [value]
        break
      case 'required':
        if (areTexts(value)) {
          node.required = value
        } else {
          fault('schemaTexts', at)
        }
        break
      case 'properties':
        if (isObject(value)) {
          node.properties = new Map(Object.entries(value).map(([name, inner]) => [name, read(inner, `${at}/${name}`, depth + 1, faults)]))
        } else {
          fault('schemaObject', at)
        }
        break
      case 'additionalProperties':
      case 'items':
      case 'not':
        node[keyword] = read(value, at, depth + 1, faults)
        break
      case 'allOf':
      case 'anyOf':
      case 'oneOf':
        if (Array.isArray(value) && value.length > 0) {
          node[keyword] = value.map((inner, index) => read(inner, `${at}/${index}`, depth + 1, faults))
        } else {
          fault('schemaList', at)
        }
        break
      case 'uniqueItems':
        if (typeof value === 'boolean') {
          node.uniqueItems = value
        } else {
          fault('schemaSwitch', at)
        }
        break
      case 'minProperties':
      case 'maxProperties':
      case 'minItems':
      case 'maxItems':
      case 'minLength':
      case 'maxLength':
        if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647) {
          node[keyword] = value
        } else {
          fault('schemaCount', at)
        }
        break
      case 'minimum':
      case 'maximum':
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
      case 'multipleOf':
        if (typeof value !== 'number' || !Number.isFinite(value)) {
          fault('schemaNumber', at)
        } else if (keyword === 'multipleOf' && value <= 0) {
          fault('schemaZero', at)
        } else {
          node[keyword] = value
        }
        break
      case 'pattern':
        if (typeof value === 'string' && value.length <= longestPattern) {
          node.pattern = compilePattern(value)
        } else {
          fault('schemaPattern', at, String(longestPattern))
        }
        break
      default:
        if (!annotations.has(keyword)) {
          fault('keyword', at, keyword)
        }
    }
  }
  return node
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
