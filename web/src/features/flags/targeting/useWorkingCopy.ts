import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Configuration } from '@/shared/api/types'
import { forgetDraft, readDraft, writeDraft } from '@/shared/drafts/storedDraft'
import { useMessages } from '@/shared/i18n/messages'
import { meQuery } from '@/shared/project/me'
import {
  configurationOf,
  fromConfigurationDraft,
  toConfigurationDraft,
  type ConfigurationDraft,
} from '@/shared/targeting/configuration'
import { diffConfigurations, type Change } from '@/shared/targeting/diff'
import { parseConfigurationValue } from '@/shared/targeting/parse'
import { rebase, type Side } from '@/shared/targeting/rebase'
import { same } from '@/shared/targeting/same'
import type { Versioned } from '../api/configuration'

type State = { from: Versioned; draft: ConfigurationDraft; restoredAt?: Date }

/** A draft of a configuration and what it was made from. */
export type WorkingCopy = {
  base: Configuration
  etag: string
  draft: ConfigurationDraft
  /** The draft as it would be saved, and where its nodes stand in it. */
  current: Configuration
  paths: Map<string, string>
  changes: Change[]
  dirty: boolean
  /** When the draft was typed, where it was brought back after the page had been left. */
  restoredAt: Date | undefined
  /** What the server has by now, where that is not what the draft was made from. */
  newer: Versioned | null
  change: (draft: ConfigurationDraft) => void
  discard: () => void
  /** Puts the changes on top of a newer version. */
  moveTo: (newer: Versioned, decide: (clash: string) => Side) => void
  /** Goes on from what was just saved, or from what somebody else saved. */
  adopt: (saved: Versioned) => void
}

type Kept = { from: Versioned; current: Configuration }

function isKept(value: unknown): value is Kept {
  const { from, current } = value as Kept
  try {
    parseConfigurationValue(configurationOf(from.body))
    parseConfigurationValue(current)
    return typeof from.etag === 'string' && typeof from.body.version === 'number'
  } catch {
    return false
  }
}

/**
 * Keeps a draft while the server's version may move on: an untouched draft follows it, a touched one stays and learns
 * that there is a newer version. A newer version with the same configuration (somebody switched the flag) is no conflict.
 * A touched draft is also kept in the window, and found again there.
 */
export function useWorkingCopy(latest: Versioned | undefined, place: string): WorkingCopy | null {
  const m = useMessages()
  const { data: me } = useQuery(meQuery)
  const person = me?.id
  const [state, setState] = useState<State | null>(null)

  const adopt = (from: Versioned) => setState({ from, draft: toConfigurationDraft(configurationOf(from.body)) })
  const base = useMemo(() => (state === null ? null : configurationOf(state.from.body)), [state])
  const { current, paths } = useMemo(() => {
    const found = new Map<string, string>()
    return { current: state === null ? null : fromConfigurationDraft(state.draft, found), paths: found }
  }, [state])
  const dirty = base !== null && current !== null && !same(base, current)

  let newer: Versioned | null = null
  if (latest !== undefined && person !== undefined) {
    if (state === null) {
      const kept = readDraft(place, person, isKept)
      if (kept === undefined) {
        adopt(latest)
      } else {
        setState({ from: kept.value.from, draft: toConfigurationDraft(kept.value.current), restoredAt: kept.at })
      }
    } else if (latest.etag !== state.from.etag) {
      if (base !== null && same(configurationOf(latest.body), base)) {
        setState({ ...state, from: latest })
      } else if (!dirty) {
        adopt(latest)
      } else if (latest.body.version > state.from.body.version) {
        newer = latest
      }
    }
  }

  const from = state?.from
  const pending = useRef<Kept | null>(null)
  useEffect(() => {
    if (person === undefined || from === undefined) {
      return
    }
    pending.current = dirty && current !== null ? { from, current } : null
    if (!dirty) {
      forgetDraft(place)
      return
    }
    const timer = setTimeout(() => writeDraft(place, person, pending.current), 250)
    return () => clearTimeout(timer)
  }, [person, place, from, current, dirty])
  useEffect(() => {
    const save = () => {
      if (person !== undefined && pending.current !== null) {
        writeDraft(place, person, pending.current)
      }
    }
    // The last key strokes, when the page goes away before their moment has come.
    addEventListener('pagehide', save)
    return () => {
      removeEventListener('pagehide', save)
      save()
    }
  }, [person, place])

  const changes = useMemo(
    () => (base === null || current === null ? [] : diffConfigurations(base, current, m)),
    [base, current, m],
  )
  if (state === null || base === null || current === null) {
    return null
  }
  return {
    base,
    etag: state.from.etag,
    draft: state.draft,
    current,
    paths,
    changes,
    dirty,
    restoredAt: dirty ? state.restoredAt : undefined,
    newer,
    change: (draft) => setState({ ...state, draft }),
    discard: () => adopt(newer ?? state.from),
    moveTo: (to, decide) =>
      setState({ from: to, draft: toConfigurationDraft(rebase(base, current, configurationOf(to.body), decide).merged) }),
    adopt,
  }
}
