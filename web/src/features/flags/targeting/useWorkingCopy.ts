import { useMemo, useState } from 'react'
import type { Configuration } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import {
  configurationOf,
  fromConfigurationDraft,
  toConfigurationDraft,
  type ConfigurationDraft,
} from '@/shared/targeting/configuration'
import { diffConfigurations, type Change } from '@/shared/targeting/diff'
import { rebase } from '@/shared/targeting/rebase'
import { same } from '@/shared/targeting/same'
import type { Versioned } from '../api/configuration'

type State = { from: Versioned; draft: ConfigurationDraft }

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
  /** What the server has by now, where that is not what the draft was made from. */
  newer: Versioned | null
  change: (draft: ConfigurationDraft) => void
  discard: () => void
  /** Puts the changes on top of a newer version. */
  moveTo: (newer: Versioned) => void
  /** Goes on from what was just saved, or from what somebody else saved. */
  adopt: (saved: Versioned) => void
}

/**
 * Keeps a draft while the server's version may move on: an untouched draft follows it, a touched one stays and learns
 * that there is a newer version. A newer version with the same configuration (somebody switched the flag) is no conflict.
 */
export function useWorkingCopy(latest: Versioned | undefined): WorkingCopy | null {
  const m = useMessages()
  const [state, setState] = useState<State | null>(null)

  const adopt = (from: Versioned) => setState({ from, draft: toConfigurationDraft(configurationOf(from.body)) })
  const base = useMemo(() => (state === null ? null : configurationOf(state.from.body)), [state])
  const { current, paths } = useMemo(() => {
    const found = new Map<string, string>()
    return { current: state === null ? null : fromConfigurationDraft(state.draft, found), paths: found }
  }, [state])
  const dirty = base !== null && current !== null && !same(base, current)

  let newer: Versioned | null = null
  if (latest !== undefined) {
    if (state === null) {
      adopt(latest)
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
    newer,
    change: (draft) => setState({ ...state, draft }),
    discard: () => adopt(newer ?? state.from),
    moveTo: (to) =>
      setState({ from: to, draft: toConfigurationDraft(rebase(base, current, configurationOf(to.body)).merged) }),
    adopt,
  }
}
