import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { meQuery } from '../project/me'
import { same } from '../targeting/same'
import { forgetDraft, readDraft, writeDraft } from './storedDraft'

type Fields = Record<string, unknown>
type State<T> = {
  /** What was typed. */
  edits: Partial<T>
  /** What stood there when it was begun, so that somebody else's change of the same field is noticed. */
  origins: Partial<T>
  restoredAt?: Date
}

export type Edits<T extends Fields> = {
  values: T
  set: <K extends keyof T>(field: K, value: T[K]) => void
  /** Only what is different from what is saved. */
  changed: Partial<T>
  dirty: boolean
  /** Fields that somebody else changed to something else while they were being edited. */
  clashes: (keyof T)[]
  takeTheirs: (field: keyof T) => void
  discard: () => void
  /** When it was typed, where it was brought back after the page had been left. */
  restoredAt: Date | undefined
}

const isState = (value: unknown): value is State<Fields> =>
  typeof value === 'object' && value !== null && typeof (value as State<Fields>).edits === 'object' && typeof (value as State<Fields>).origins === 'object'

/**
 * Edits of single fields on top of what is saved: whatever somebody else changes shows at once in the fields that are not
 * being edited, and is told at those that are. Kept in the window until saved or discarded.
 */
export function useEdits<T extends Fields>(place: string, saved: T): Edits<T> {
  const { data: me } = useQuery(meQuery)
  const person = me?.id
  const [state, setState] = useState<State<T> | null>(null)
  if (state === null && person !== undefined) {
    const kept = readDraft(place, person, isState)
    setState(kept === undefined ? { edits: {}, origins: {} } : { ...(kept.value as State<T>), restoredAt: kept.at })
  }
  const { edits, origins }: State<T> = state ?? { edits: {}, origins: {} }
  const fields = Object.keys(saved) as (keyof T & string)[]
  const isChanged = (field: keyof T & string) => Object.hasOwn(edits, field) && !same(edits[field], saved[field])
  const changedFields = fields.filter(isChanged)
  const changed = Object.fromEntries(changedFields.map((field) => [field, edits[field]])) as Partial<T>
  const dirty = changedFields.length > 0

  useEffect(() => {
    if (person === undefined || state === null) {
      return
    }
    if (dirty) {
      writeDraft(place, person, { edits: state.edits, origins: state.origins })
    } else {
      forgetDraft(place)
    }
  }, [place, person, state, dirty])

  const without = (part: Partial<T>, field: keyof T) => {
    const { [field]: _gone, ...rest } = part
    return rest as Partial<T>
  }
  return {
    values: { ...saved, ...changed },
    set: (field, value) =>
      setState({
        restoredAt: state?.restoredAt,
        edits: { ...edits, [field]: value } as Partial<T>,
        origins: isChanged(field as keyof T & string) ? origins : ({ ...origins, [field]: saved[field] } as Partial<T>),
      }),
    changed,
    dirty,
    clashes: changedFields.filter((field) => Object.hasOwn(origins, field) && !same(origins[field], saved[field])),
    takeTheirs: (field) => setState({ restoredAt: state?.restoredAt, edits: without(edits, field), origins: without(origins, field) }),
    discard: () => setState({ edits: {}, origins: {} }),
    restoredAt: dirty ? state?.restoredAt : undefined,
  }
}
