import type { AttributeCondition, Condition, PercentageCondition, Scalar } from './model'

/**
 * A condition as the editor holds it: a tree whose nodes have identities (so that React keeps the right inputs) and where
 * `not` is a property of a node instead of a level of its own.
 */
export type GroupNode = {
  id: string
  kind: 'group'
  negated: boolean
  op: 'and' | 'or'
  items: Node[]
  /** The condition was one item without a group around it, and is written like that again while it has one item. */
  bare?: boolean
}
export type ClauseNode = {
  id: string
  kind: 'clause'
  negated: boolean
  attribute: string
  operator: string
  value: Scalar | Scalar[] | undefined
  ignoreCase: boolean
}
export type SegmentNode = { id: string; kind: 'segment'; negated: boolean; segment: string }
export type PercentageNode = {
  id: string
  kind: 'percentage'
  negated: boolean
  percentage: number
  bucketBy: string
  seed: string
}
export type Node = GroupNode | ClauseNode | SegmentNode | PercentageNode

let next = 0
const newId = () => `n${next++}`

export function newGroup(items: Node[] = [], op: 'and' | 'or' = 'and'): GroupNode {
  return { id: newId(), kind: 'group', negated: false, op, items }
}

export function newClause(attribute = ''): ClauseNode {
  return { id: newId(), kind: 'clause', negated: false, attribute, operator: 'eq', value: '', ignoreCase: false }
}

export function newSegment(): SegmentNode {
  return { id: newId(), kind: 'segment', negated: false, segment: '' }
}

export function newPercentage(): PercentageNode {
  return { id: newId(), kind: 'percentage', negated: false, percentage: 10, bucketBy: '', seed: '' }
}

/** The tree of a condition. Its root is always a group. */
export function toDraft(condition: Condition | null | undefined): GroupNode {
  if (condition === null || condition === undefined) {
    return newGroup()
  }
  const node = toNode(condition)
  return node.kind === 'group' ? node : { ...newGroup([node]), bare: true }
}

function toNode(condition: Condition): Node {
  if ('not' in condition) {
    const inner = toNode(condition.not)
    return inner.negated ? { ...newGroup([inner]), negated: true } : { ...inner, negated: true }
  }
  if ('and' in condition) {
    return newGroup(condition.and.map(toNode), 'and')
  }
  if ('or' in condition) {
    return newGroup(condition.or.map(toNode), 'or')
  }
  if ('segment' in condition) {
    return { ...newSegment(), segment: condition.segment }
  }
  if ('percentage' in condition) {
    return {
      ...newPercentage(),
      percentage: condition.percentage,
      bucketBy: condition.bucketBy ?? '',
      seed: condition.seed ?? '',
    }
  }
  return {
    id: newId(),
    kind: 'clause',
    negated: false,
    attribute: condition.attribute,
    operator: condition.operator,
    value: condition.value,
    ignoreCase: condition.ignoreCase ?? false,
  }
}

/** The condition of a tree. `paths` receives, for each node, where its condition stands below `path`. */
export function toCondition(node: Node, paths?: Map<string, string>, path = ''): Condition {
  if (node.negated) {
    paths?.set(path, node.id)
    return { not: positive(node, paths, `${path}/not`) }
  }
  return positive(node, paths, path)
}

function positive(node: Node, paths: Map<string, string> | undefined, path: string): Condition {
  switch (node.kind) {
    case 'group': {
      const [only] = node.items
      if (node.bare && !node.negated && node.items.length === 1 && only !== undefined) {
        return toCondition(only, paths, path)
      }
      paths?.set(path, node.id)
      const items = node.items.map((item, index) => toCondition(item, paths, `${path}/${node.op}/${index}`))
      return node.op === 'and' ? { and: items } : { or: items }
    }
    case 'segment':
      paths?.set(path, node.id)
      return { segment: node.segment }
    case 'percentage': {
      paths?.set(path, node.id)
      const condition: PercentageCondition = { percentage: node.percentage }
      if (node.bucketBy !== '') {
        condition.bucketBy = node.bucketBy
      }
      if (node.seed !== '') {
        condition.seed = node.seed
      }
      return condition
    }
    case 'clause': {
      paths?.set(path, node.id)
      const condition: AttributeCondition = { attribute: node.attribute, operator: node.operator }
      if (node.value !== undefined) {
        condition.value = node.value
      }
      if (node.ignoreCase) {
        condition.ignoreCase = true
      }
      return condition
    }
  }
}

/** The tree with the node of this id replaced by what `change` makes of it; null removes it. */
export function changeNode(root: GroupNode, id: string, change: (node: Node) => Node | null): GroupNode {
  const visit = (node: Node): Node | null => {
    if (node.id === id) {
      return change(node)
    }
    if (node.kind !== 'group') {
      return node
    }
    const items = node.items.map(visit).filter((item) => item !== null)
    return items.length === node.items.length && items.every((item, index) => item === node.items[index])
      ? node
      : { ...node, items }
  }
  return (visit(root) as GroupNode | null) ?? newGroup()
}

/** Whether every part of a tree is filled in far enough to be sent. */
export function isComplete(node: Node): boolean {
  switch (node.kind) {
    case 'group':
      return node.items.every(isComplete)
    case 'segment':
      return node.segment !== ''
    case 'percentage':
      return node.percentage >= 0 && node.percentage <= 100
    case 'clause':
      return node.attribute !== ''
  }
}
