import { isObject, type Fault, type FaultText, type SchemaNode } from './readSchema'

const mostFaults = 50
/** Steps that a check may take while somebody types; what takes more is left to the server. */
const patience = 200_000

type Check = { faults: Fault[]; steps: { left: number } }

class TooMuch extends Error {}

/** What is wrong with a value, at most 50 things; null where it takes too long to tell while somebody types. */
export function checkValue(schema: SchemaNode, value: unknown): Fault[] | null {
  const check: Check = { faults: [], steps: { left: patience } }
  try {
    visit(schema, value, '', check)
  } catch (error) {
    if (error instanceof TooMuch) {
      return null
    }
    throw error
  }
  return check.faults.slice(0, mostFaults)
}

function step(check: Check) {
  check.steps.left -= 1
  if (check.steps.left < 0) {
    throw new TooMuch()
  }
}

function visit(node: SchemaNode, value: unknown, path: string, check: Check) {
  step(check)
  const fault = (text: FaultText, about: unknown = '', at = path) => void check.faults.push({ path: at, text, about: String(about) })
  if (node.never) {
    fault('never')
    return
  }
  if (node.types !== undefined && !node.types.some((type) => isOf(value, type))) {
    fault('type', node.types.join(', '))
    return
  }
  if (node.enum !== undefined && !node.enum.some((allowed) => equal(allowed, value, check))) {
    fault('enum', node.enum.slice(0, 10).map((allowed) => JSON.stringify(allowed)).join(', '))
  }
  if (isObject(value)) {
    visitObject(node, value, path, check, fault)
  } else if (Array.isArray(value)) {
    visitArray(node, value, path, check, fault)
  } else if (typeof value === 'string') {
    visitText(node, value, fault)
  } else if (typeof value === 'number') {
    visitNumber(node, value, fault)
  }
  node.allOf?.forEach((inner) => visit(inner, value, path, check))
  const accepts = (inner: SchemaNode) => {
    const attempt: Check = { faults: [], steps: check.steps }
    visit(inner, value, path, attempt)
    return attempt.faults.length === 0
  }
  if (node.anyOf !== undefined && !node.anyOf.some(accepts)) {
    fault('anyOf')
  }
  if (node.oneOf !== undefined && node.oneOf.filter(accepts).length !== 1) {
    fault('oneOf')
  }
  if (node.not !== undefined && accepts(node.not)) {
    fault('not')
  }
}

type Tell = (text: FaultText, about?: unknown, at?: string) => void

function visitObject(node: SchemaNode, value: Record<string, unknown>, path: string, check: Check, fault: Tell) {
  const members = Object.entries(value)
  const place = (name: string) => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  for (const [name, inner] of members) {
    const known = node.properties?.get(name)
    if (known !== undefined) {
      visit(known, inner, place(name), check)
    } else if (node.additionalProperties?.never) {
      fault('additional', name, place(name))
    } else if (node.additionalProperties !== undefined) {
      visit(node.additionalProperties, inner, place(name), check)
    }
  }
  for (const name of node.required ?? []) {
    if (!Object.hasOwn(value, name)) {
      fault('required', name, place(name))
    }
  }
  if (node.minProperties !== undefined && members.length < node.minProperties) {
    fault('minProperties', node.minProperties)
  }
  if (node.maxProperties !== undefined && members.length > node.maxProperties) {
    fault('maxProperties', node.maxProperties)
  }
}

function visitArray(node: SchemaNode, value: unknown[], path: string, check: Check, fault: Tell) {
  if (node.minItems !== undefined && value.length < node.minItems) {
    fault('minItems', node.minItems)
  }
  if (node.maxItems !== undefined && value.length > node.maxItems) {
    fault('maxItems', node.maxItems)
  }
  value.forEach((item, index) => {
    if (node.items !== undefined) {
      visit(node.items, item, `${path}/${index}`, check)
    }
    if (node.uniqueItems && value.slice(0, index).some((earlier) => equal(earlier, item, check))) {
      fault('repeated', '', `${path}/${index}`)
    }
  })
}

function visitText(node: SchemaNode, value: string, fault: Tell) {
  if (node.minLength !== undefined || node.maxLength !== undefined) {
    const length = [...value].length
    if (node.minLength !== undefined && length < node.minLength) {
      fault('minLength', node.minLength)
    }
    if (node.maxLength !== undefined && length > node.maxLength) {
      fault('maxLength', node.maxLength)
    }
  }
  if (node.pattern?.(value) === false) {
    fault('pattern')
  }
}

function visitNumber(node: SchemaNode, value: number, fault: Tell) {
  if (node.minimum !== undefined && value < node.minimum) {
    fault('minimum', node.minimum)
  }
  if (node.maximum !== undefined && value > node.maximum) {
    fault('maximum', node.maximum)
  }
  if (node.exclusiveMinimum !== undefined && value <= node.exclusiveMinimum) {
    fault('above', node.exclusiveMinimum)
  }
  if (node.exclusiveMaximum !== undefined && value >= node.exclusiveMaximum) {
    fault('below', node.exclusiveMaximum)
  }
  if (node.multipleOf !== undefined) {
    const quotient = value / node.multipleOf
    // Decimal fractions such as 0.1 have no exact double, so a multiple is one within the precision of a double.
    if (!(Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 1e-15)) {
      fault('multipleOf', node.multipleOf)
    }
  }
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function equal(left: unknown, right: unknown, check: Check): boolean {
  step(check)
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index], check))
  }
  if (isObject(left)) {
    const names = Object.keys(left)
    return isObject(right) && Object.keys(right).length === names.length && names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name], check))
  }
  return left === right
}
