import type { RequestedChange } from '@/shared/changes/changeRequests'
import { same } from '@/shared/targeting/same'

type Body = Record<string, unknown>

/** What a change would set, what there was when it was asked for, and what others made of it since. */
export type Collision = { member: string; before: unknown; mine: unknown; theirs: unknown }

export type Resolvable = {
  collisions: Collision[]
  /** The body that does both, with a decision for everything that collides; undefined leaves a member as it is now. */
  resolve: (decide: (collision: Collision) => unknown) => Body
}

/** How a document's members are called where the audit log tells of them, and in the answer of its address. */
type Kind = { row: (path: string[]) => string; names: Record<string, string>; theirs?: (view: Body, member: string) => unknown; absent: Body }

const kinds: { method: string; pattern: RegExp; kind: Kind }[] = [
  {
    method: 'PUT',
    pattern: /^flags\/[^/]+\/environments\/[^/]+$/,
    kind: { row: ([, flag, , environment]) => `flags/${flag}/environments/${environment}`, names: {}, absent: { prerequisites: [], targets: [], rules: [], offVariant: null } },
  },
  {
    method: 'PATCH',
    pattern: /^flags\/[^/]+$/,
    kind: {
      row: ([, flag]) => `flags/${flag}`,
      names: { owner: 'ownerId', maintainers: 'maintainerIds' },
      theirs: (view, member) => (member === 'owner' ? idOf(view.owner) : member === 'maintainers' ? (view.maintainers as unknown[] | undefined)?.map(idOf) : view[member]),
      absent: {},
    },
  },
  {
    method: 'PUT',
    pattern: /^segments\/[^/]+$/,
    kind: { row: ([, segment]) => `segments/${segment}`, names: { if: 'condition' }, absent: { description: '', if: null } },
  },
]

const idOf = (person: unknown) => (person as { id?: string } | null)?.id ?? null

/** The address of what a change is about, where its collisions can be decided member by member. */
export function documentOf(change: RequestedChange): Kind | null {
  return kinds.find(({ method, pattern }) => method === change.method && pattern.test(change.path))?.kind ?? null
}

/**
 * Puts a change on top of what there is now, as the server does where it can (src/Togglr.ControlPlane/ChangeRequests/MergeBodies.cs), and tells what both sides changed differently. The server tries
 * the result before it takes it.
 */
export function merge(change: RequestedChange, now: Body): Resolvable {
  const kind = documentOf(change)
  if (kind === null) {
    throw new Error(`${change.method} ${change.path} sends no document.`)
  }
  const body = change.body as Body
  const row = (change.before as Record<string, Body> | null)?.[kind.row(change.path.split('/').map(decodeURIComponent))] ?? {}
  const merged: Body = { ...body }
  const collisions: Collision[] = []
  for (const member of new Set([...Object.keys(body), ...Object.keys(kind.absent)])) {
    if (member === 'reason') {
      continue
    }
    const before = row[kind.names[member] ?? member]
    const theirs = kind.theirs === undefined ? now[member] : kind.theirs(now, member)
    const mine = Object.hasOwn(body, member) ? body[member] : kind.absent[member]
    if (alike(before, theirs) || alike(mine, theirs)) {
      continue
    }
    if (alike(mine, before)) {
      merged[member] = theirs
      continue
    }
    const rules = member === 'rules' ? mergeRules(mine, before, theirs) : null
    if (rules === null) {
      collisions.push({ member, before, mine, theirs })
    } else {
      merged[member] = rules
    }
  }
  return {
    collisions,
    resolve: (decide) => {
      const result = { ...merged }
      for (const collision of collisions) {
        const value = decide(collision)
        if (value === undefined) {
          delete result[collision.member]
        } else {
          result[collision.member] = value
        }
      }
      return result
    },
  }
}

type Rule = { id?: unknown }

/** Rules one by one, while nobody added, removed or moved one, and nobody changed the same one differently. */
function mergeRules(mine: unknown, before: unknown, theirs: unknown): unknown[] | null {
  if (!areRules(mine) || !areRules(before) || !areRules(theirs) || mine.length !== before.length || theirs.length !== before.length) {
    return null
  }
  const merged: unknown[] = []
  for (const [index, was] of before.entries()) {
    const [my, their] = [mine[index], theirs[index]]
    if (my?.id !== was.id || their?.id !== was.id || (!alike(my, was) && !alike(their, was) && !alike(my, their))) {
      return null
    }
    merged.push(alike(my, was) ? their : my)
  }
  return merged
}

const areRules = (value: unknown): value is Rule[] => Array.isArray(value) && value.every((rule: Rule | null) => typeof rule?.id === 'string')

/** A member that is null is one that is not there. */
const alike = (left: unknown, right: unknown) => same(bare(left), bare(right))

function bare(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(bare)
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === null || inner === undefined ? [] : [[key, bare(inner)]])))
    : (value ?? null)
}
