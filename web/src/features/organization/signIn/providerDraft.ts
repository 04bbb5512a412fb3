import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { forgetDraft, readDraft, writeDraft } from '@/shared/drafts/storedDraft'
import { meQuery } from '@/shared/project/me'
import { same } from '@/shared/targeting/same'
import type { IdentityProviderView, ProviderKind } from '../api/types'
import { withSetting } from './fields'

/** What is typed about a provider, but for its secrets: those are never kept anywhere. */
export type ProviderDraft = {
  named: { name: string; key: string }
  enabled: boolean
  showOnLogin: boolean
  domains: string[]
  createPeople: boolean
  settings: Record<string, unknown>
  mappings: IdentityProviderView['mappings']
}

type Kept = { version: number | null; draft: ProviderDraft }

export const draftPlaceOf = (org: string, kind: ProviderKind, key?: string) => `provider ${org}/${key ?? `new ${kind}`}`

const startOf = (provider: IdentityProviderView | undefined): ProviderDraft => ({
  named: { name: provider?.name ?? '', key: provider?.key ?? '' },
  enabled: provider?.enabled ?? true,
  showOnLogin: provider?.showOnLogin ?? true,
  domains: provider?.domains ?? [],
  createPeople: provider?.createPeople ?? true,
  settings: (provider?.settings ?? {}) as Record<string, unknown>,
  mappings: provider?.mappings ?? [],
})

const isKept = (value: unknown): value is Kept => {
  const draft = (value as Partial<Kept> | null)?.draft as Partial<ProviderDraft> | undefined
  return (
    typeof draft?.named?.name === 'string' &&
    typeof draft.named.key === 'string' &&
    typeof draft.settings === 'object' &&
    draft.settings !== null &&
    Array.isArray(draft.domains) &&
    draft.domains.every((domain) => typeof domain === 'string') &&
    Array.isArray(draft.mappings) &&
    draft.mappings.every((mapping) => typeof mapping.match === 'string')
  )
}

/**
 * What is typed about a provider, kept in this window until it is saved or discarded. What was typed on top of another version is not brought back: it must not go over what somebody saved since.
 */
export function useProviderDraft(org: string, kind: ProviderKind, provider: IdentityProviderView | undefined) {
  const { data: me } = useQuery(meQuery)
  const person = me?.id
  const place = draftPlaceOf(org, kind, provider?.key)
  const start = startOf(provider)
  const version = provider?.version ?? null
  const [{ draft, restoredAt }, setState] = useState((): { draft: ProviderDraft; restoredAt: Date | undefined } => {
    const kept = person === undefined ? undefined : readDraft(place, person, isKept)
    return kept?.value.version === version ? { draft: kept.value.draft, restoredAt: kept.at } : { draft: start, restoredAt: undefined }
  })
  const dirty = !same(draft, start)

  useEffect(() => {
    if (person !== undefined && dirty) {
      writeDraft(place, person, { version, draft } satisfies Kept)
    } else {
      forgetDraft(place)
    }
  }, [place, person, version, draft, dirty])

  return {
    draft,
    set: (part: Partial<ProviderDraft>) => setState((now) => ({ ...now, draft: { ...now.draft, ...part } })),
    setSetting: (name: string, value: unknown) =>
      setState((now) => ({ ...now, draft: { ...now.draft, settings: withSetting(now.draft.settings, name, value) } })),
    discard: () => setState({ draft: start, restoredAt: undefined }),
    restoredAt: dirty ? restoredAt : undefined,
  }
}
