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

export interface PlannedPaths {
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
}
