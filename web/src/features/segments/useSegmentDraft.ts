import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { SegmentView } from '@/shared/api/types'
import { forgetDraft, readDraft, writeDraft } from '@/shared/drafts/storedDraft'
import { meQuery } from '@/shared/project/me'
import { toCondition, toDraft, type GroupNode } from '@/shared/targeting/draft'
import type { Condition } from '@/shared/targeting/model'
import { parseCondition } from '@/shared/targeting/parse'
import { same } from '@/shared/targeting/same'

type Versioned = { body: SegmentView; etag: string }
type Fields = { name: string; description: string; root: GroupNode | null }
type State = Fields & { from: Versioned; restoredAt?: Date }
type Kept = { from: Versioned; name: string; description: string; if: Condition | null }

const start = (from: Versioned): State => ({
  from,
  name: from.body.name,
  description: from.body.description,
  root: from.body.if === null ? null : toDraft(from.body.if as Condition),
})

function isKept(value: unknown): value is Kept {
  const { from, name, description, if: condition } = value as Kept
  try {
    if (condition !== null) {
      parseCondition(condition, '')
    }
    return typeof from.etag === 'string' && typeof from.body.version === 'number' && typeof name === 'string' && typeof description === 'string'
  } catch {
    return false
  }
}

/**
 * Keeps what is typed about a segment while the server's version may move on: an untouched form follows the server, a
 * touched one stays, is kept in the window, and learns when somebody else changed the same.
 */
export function useSegmentDraft(latest: Versioned, place: string) {
  const { data: me } = useQuery(meQuery)
  const person = me?.id
  const [state, setState] = useState(() => {
    const kept = person === undefined ? undefined : readDraft(place, person, isKept)
    if (kept === undefined) {
      return start(latest)
    }
    const { from, name, description, if: condition } = kept.value
    return { from, name, description, root: condition === null ? null : toDraft(condition), restoredAt: kept.at } as State
  })
  const { from, name, description, root } = state
  const paths = new Map<string, string>()
  const condition = root === null ? null : toCondition(root, paths, '/if')
  const dirty = name !== from.body.name || description !== from.body.description || !same(condition, from.body.if)
  const unchanged =
    latest.body.name === from.body.name && latest.body.description === from.body.description && same(latest.body.if, from.body.if)
  if (latest.etag !== from.etag && (unchanged || !dirty)) {
    setState(unchanged ? { ...state, from: latest } : start(latest))
  }

  useEffect(() => {
    if (person === undefined) {
      return
    }
    if (dirty) {
      writeDraft(place, person, { from, name, description, if: root === null ? null : toCondition(root) } satisfies Kept)
    } else {
      forgetDraft(place)
    }
  }, [place, person, dirty, from, name, description, root])

  return {
    from,
    fields: { name, description, root } satisfies Fields,
    condition,
    /** Which node of the editor stands at which place of the condition. */
    paths,
    dirty,
    conflict: latest.etag !== from.etag && dirty && !unchanged,
    restoredAt: dirty ? state.restoredAt : undefined,
    set: (part: Partial<Fields>) => setState({ ...state, ...part }),
    startFrom: (version: Versioned) => setState(start(version)),
  }
}
