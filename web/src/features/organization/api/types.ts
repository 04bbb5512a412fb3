export type PageOf<T> = { items: T[]; nextCursor: string | null; total: number }

export type PrincipalKind = 'user' | 'group' | 'service_account'
export type PrincipalView = { kind: PrincipalKind; id: string; name: string; email?: string | null }
export type ProviderRef = { id: string; name: string }

/** A role somewhere, as people choose it. */
export type GrantChoice = { role: string; project?: string; environment?: string }

export type GrantView = {
  id: string
  principal: PrincipalView
  role: string
  roleName: string
  project?: string | null
  environment?: string | null
  provider?: ProviderRef | null
  createdAt: string
  createdBy?: { id?: string | null; name: string } | null
}

export type MemberView = {
  id: string
  name: string
  email: string
  grants: GrantView[]
  groups: { key: string; name: string }[]
  status: 'active' | 'deactivated'
  twoFactor: boolean
  provider?: ProviderRef | null
  since: string
  lastSignInAt: string | null
}

export type GroupView = {
  id: string
  key: string
  name: string
  description: string
  memberCount: number
  grants: GrantView[]
  provider?: ProviderRef | null
  version: number
}

export type RoleView = {
  key: string
  name: string
  description: string
  builtIn: boolean
  permissions: string[]
  usedBy: number
  version: number
}

export type PermissionView = { key: string; group: string; description: string; scopes: string[] }

export type EffectivePermissionView = {
  key: string
  allowed: boolean
  because: {
    role: string
    roleName: string
    via: 'direct' | 'group'
    group?: string | null
    scope: { project?: string | null; environment?: string | null }
    grantId: string
  }[]
}
export type EffectiveView = { permissions: EffectivePermissionView[]; restrictions: { kind: string; detail: string }[] }

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

export type ProviderKind = 'oidc' | 'saml' | 'ldap' | 'scim'
export type ProviderMapping = { match: string; role: string; project?: string | null; environment?: string | null }
export type IdentityProviderView = {
  id: string
  key: string
  name: string
  kind: ProviderKind
  enabled: boolean
  showOnLogin: boolean
  domains: string[]
  createPeople: boolean
  settings: Record<string, unknown>
  secrets: Record<string, { set: boolean }>
  mappings: ProviderMapping[]
  urls: { redirectUri?: string; acsUrl?: string; metadataUrl?: string; entityId?: string; scimUrl?: string; startUrl?: string }
  version: number
}
export type ProviderTestView = { ok: boolean; steps: { name: string; ok: boolean; detail: string }[] }
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
