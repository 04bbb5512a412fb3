import type { SdkKeyView } from '@/shared/api/types'

/** `replaced`: it has a successor and goes on for the overlap. `expiring`: it ends within two weeks. */
export type KeyState = 'active' | 'expiring' | 'replaced' | 'expired' | 'revoked'

const soon = 14 * 86_400_000

export function stateOf(key: Pick<SdkKeyView, 'expiresAt' | 'revokedAt' | 'replacedBy'>, now: number): KeyState {
  if (key.revokedAt !== null) {
    return 'revoked'
  }
  const left = key.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt) - now
  if (left <= 0) {
    return 'expired'
  }
  return key.replacedBy !== null ? 'replaced' : left < soon ? 'expiring' : 'active'
}

export const isDead = (state: KeyState) => state === 'expired' || state === 'revoked'
