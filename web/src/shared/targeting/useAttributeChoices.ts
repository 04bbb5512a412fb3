import { useQuery } from '@tanstack/react-query'
import type { AttributeType } from '../api/types'
import { attributesQuery, observedAttributesQuery } from '../project/catalogue'
import { maySomewhere, meQuery } from '../project/me'
import type { Scope } from '../project/scope'

/** An attribute to offer: described in the catalogue, seen in contexts, or both. */
export type AttributeChoice = {
  name: string
  type: AttributeType
  isDescribed: boolean
  /** When a context had it last, as far as that was looked at. */
  seenAt: string | undefined
  /** Values to offer: described ones first, then the one that was seen last. */
  values: string[]
  /** When values were seen last. */
  seen: Map<string, string>
}

/** The attributes to offer where contexts or conditions are written. */
export function useAttributeChoices(scope: Scope): AttributeChoice[] {
  const { data: me } = useQuery(meQuery)
  const { data: described = [] } = useQuery(attributesQuery(scope))
  const { data: observed = [] } = useQuery({ ...observedAttributesQuery(scope), enabled: maySomewhere(me, 'flag.view', scope) })
  const byName = new Map(observed.map((item) => [item.name, item]))
  const choice = (name: string, type: AttributeType, values: string[], isDescribed: boolean): AttributeChoice => {
    const item = byName.get(name)
    const seen = new Map(item?.values.map(({ value, lastSeenAt }) => [value, lastSeenAt]))
    return { name, type, isDescribed, seenAt: item?.lastSeenAt, values: [...new Set([...values, ...seen.keys()])], seen }
  }
  const known = new Set(described.map(({ name }) => name))
  return [
    ...described.map(({ name, type, values }) => choice(name, type, values, true)),
    ...observed.filter(({ name }) => !known.has(name)).map(({ name, type }) => choice(name, type, [], false)),
  ]
}
