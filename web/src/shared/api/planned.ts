import type { components, paths } from './schema'

type Schemas = components['schemas']
type Answer<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } }
type Nothing = { headers: { [name: string]: unknown }; content?: never }
type Op<Body, Result, Path = never, Query = never> = {
  parameters: { query?: Query; header?: never; path: Path; cookie?: never }
  requestBody: { content: { 'application/json': Body } }
  responses: { 200: Result }
}
type Plain<Result, Path = never, Query = never> = {
  parameters: { query?: Query; header?: never; path: Path; cookie?: never }
  requestBody?: never
  responses: { 200: Result }
}
type Free<T> = T extends { parameters: infer P } ? Omit<T, 'parameters'> & { parameters: Omit<P, 'path'> & { path?: never } } : never
type Page<T> = { items: T[]; next: string | null; total?: number }

export interface PlannedPaths {
  '/api/v1/me': { get: paths['/api/v1/me']['get']; patch: Free<Op<{ name?: string; locale?: string | null; timeZone?: string | null }, Answer<Schemas['MeView']>>> }
  '/api/v1/auth/settings': { get: Free<Plain<Answer<{ passwordRules: { minimumLength: number; maximumLength: number; breachedList: boolean }; mail: boolean; demo: boolean }>>> }
  '/api/v1/auth/providers': {
    get: Free<Plain<Answer<{ id: string; name: string; kind: 'oidc' | 'saml' | 'ldap' | 'scim'; startUrl: string | null }[]>, never, { email?: string; org?: string }>>
  }
  '/api/v1/auth/forgot-password': { post: Free<Op<{ email: string }, Nothing>> }
  '/api/v1/auth/reset-password': { post: Free<Op<{ token: string; password: string }, Nothing>> }
  '/api/v1/auth/invitations/{token}': {
    get: Plain<
      Answer<{
        organization: { key: string; name: string }
        email: string
        invitedBy: string | null
        expiresAt: string
        hasAccount: boolean
        passwordRules: { minimumLength: number; maximumLength: number; breachedList: boolean }
      }>,
      { token: string }
    >
  }
  '/api/v1/me/two-factor': {
    post: Free<Op<{ password?: string }, Answer<{ secret: string; uri: string; qrSvg: string }>>>
    delete: Free<Op<{ password?: string; code: string }, Nothing>>
  }
  '/api/v1/me/two-factor/confirm': { post: Free<Op<{ code: string }, Answer<{ recoveryCodes: string[] }>>> }
  '/api/v1/me/two-factor/recovery-codes': { post: Free<Op<{ password?: string; code: string }, Answer<{ recoveryCodes: string[] }>>> }
  '/api/v1/me/sessions': {
    get: Free<
      Plain<
        Answer<
          Page<{
            id: string
            current: boolean
            method: Schemas['SignInMethod']
            secondFactor: boolean
            organization?: string | null
            address: string | null
            userAgent: string | null
            createdAt: string
            lastSeenAt: string
            expiresAt: string
          }>
        >,
        never,
        { limit?: number; cursor?: string }
      >
    >
    delete: Free<Plain<Nothing, never, { all?: boolean }>>
  }
  '/api/v1/me/sessions/{id}': { delete: Plain<Nothing, { id: string }> }
  '/api/v1/me/tokens': {
    get: Free<Plain<Answer<Page<PlannedToken>>, never, { limit?: number; cursor?: string }>>
    post: Free<
      Op<
        { name: string; organization: string; permissions?: string[] | null; project?: string | null; environment?: string | null; expiresAt?: string | null },
        Answer<PlannedToken>
      >
    >
  }
  '/api/v1/me/tokens/{id}': { delete: Plain<Nothing, { id: string }> }
}

type PlannedToken = {
  id: string
  name: string
  organization: string
  prefix: string
  permissions: string[] | null
  project: string | null
  environment: string | null
  expiresAt: string | null
  lastUsedAt: string | null
  lastUsedAddress: string | null
  createdAt: string
  secret?: string | null
}
