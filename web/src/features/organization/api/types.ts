import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']

export type PageOf<T> = { items: T[]; nextCursor: string | null; total: number }

export type PrincipalKind = Schemas['PrincipalKind']
export type GrantView = Schemas['GrantView']
export type MemberView = Schemas['MemberView']
export type GroupView = Schemas['GroupView']
export type RoleView = Schemas['RoleView']
export type PermissionView = Schemas['PermissionDescription']
export type EffectivePermissionView = Schemas['EffectivePermissionView']

/** A role somewhere, as people choose it. */
export type GrantChoice = { role: string; project?: string; environment?: string }

export type ServiceAccountView = {
  id: string
  key: string
  name: string
  description: string
  grants: GrantView[]
  disabledAt: string | null
  tokenCount: number
  lastUsedAt: string | null
  version: number
}
export type ServiceAccountTokenView = {
  id: string
  name: string
  secret?: string | null
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  lastUsedAt: string | null
  lastUsedAddress?: string | null
}

export type InvitationView = {
  id: string
  email: string
  name?: string | null
  grants: { role: string; roleName?: string; project?: string | null; environment?: string | null }[]
  groups: ({ key: string; name: string } | string)[]
  invitedBy: { id?: string | null; name: string } | null
  createdAt: string
  expiresAt: string
  status: 'pending' | 'accepted' | 'expired' | 'revoked'
  link?: string | null
}

export type SecurityView = {
  requireTwoFactor: boolean
  passwordSignIn: 'everybody' | 'owners'
  auditRetentionDays: number | null
  version: number
  membersWithoutTwoFactor: number
}

export type ProviderKind = Schemas['IdentityProviderKind']
export type ProviderMapping = Schemas['ProviderMapping']
export type IdentityProviderView = Schemas['IdentityProviderView']
export type SyncView = {
  id: string
  trigger: string
  status: 'running' | 'succeeded' | 'failed'
  startedAt: string
  finishedAt: string | null
  scanned: number
  created: number
  updated: number
  deactivated: number
  skipped: number
  log?: { at: string; level: string; message: string }[]
  error?: string | null
}
