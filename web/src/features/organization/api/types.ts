import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']

export type PrincipalKind = Schemas['PrincipalKind']
export type GrantView = Schemas['GrantView']
export type MemberView = Schemas['MemberView']
export type GroupView = Schemas['GroupView']
export type RoleView = Schemas['RoleView']
export type PermissionView = Schemas['PermissionDescription']
export type EffectivePermissionView = Schemas['EffectivePermissionView']

/** A role somewhere, as people choose it. */
export type GrantChoice = { role: string; project?: string; environment?: string }

export type ServiceAccountView = Schemas['ServiceAccountView']
export type ServiceAccountTokenView = Schemas['ServiceAccountTokenView']
export type InvitationView = Schemas['InvitationView']
export type SecurityView = Schemas['SecurityView']

export type ProviderKind = Schemas['IdentityProviderKind']
export type ProviderMapping = Schemas['ProviderMapping']
export type IdentityProviderView = Schemas['IdentityProviderView']
export type SyncView = Schemas['SyncView']
