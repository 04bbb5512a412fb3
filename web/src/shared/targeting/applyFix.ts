import type { TargetingFix } from '../api/types'

/** Why a fix cannot be applied: the document is not the one that it was made for. */
export class FixError extends Error {}

/** The document with the operations of a fix carried out, one after another. The document itself stays as it is. */
export function applyFix<T>(document: T, fix: TargetingFix): T {
  const result: unknown = structuredClone(document)
  for (const { op, path, from, value } of fix.operations) {
    switch (op) {
      case 'remove':
        take(result, path)
        break
      case 'replace':
        replace(result, path, value)
        break
      case 'move':
        insert(result, path, take(result, from ?? ''))
        break
    }
  }
  return result as T
}

function partsOf(pointer: string): string[] {
  if (!pointer.startsWith('/')) {
    throw new FixError(pointer)
  }
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

type Place = { list: unknown[]; index: number } | { object: Record<string, unknown>; name: string }

/** The container of what a pointer names. */
function placeOf(document: unknown, pointer: string): Place {
  const parts = partsOf(pointer)
  const last = parts.pop() ?? ''
  let node = document
  for (const part of parts) {
    node = Array.isArray(node) ? node[indexOf(node, part)] : own(node, part)[part]
  }
  if (Array.isArray(node)) {
    return { list: node, index: indexOf(node, last) }
  }
  return { object: own(node, last), name: last }
}

function indexOf(list: unknown[], part: string): number {
  const index = /^\d{1,9}$/.test(part) ? Number(part) : -1
  if (index < 0 || index >= list.length) {
    throw new FixError(part)
  }
  return index
}

function own(node: unknown, name: string): Record<string, unknown> {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) {
    throw new FixError(name)
  }
  return node as Record<string, unknown>
}

function take(document: unknown, pointer: string): unknown {
  const place = placeOf(document, pointer)
  if ('list' in place) {
    return place.list.splice(place.index, 1)[0]
  }
  const taken = place.object[place.name]
  delete place.object[place.name]
  return taken
}

function replace(document: unknown, pointer: string, value: unknown) {
  const place = placeOf(document, pointer)
  if ('list' in place) {
    place.list[place.index] = value
  } else {
    place.object[place.name] = value
  }
}

function insert(document: unknown, pointer: string, value: unknown) {
  const place = placeOf(document, pointer)
  if (!('list' in place)) {
    throw new FixError(pointer)
  }
  place.list.splice(place.index, 0, value)
}
