import { client } from './client'

type Options = { params?: { path?: Record<string, string>; query?: Record<string, unknown>; header?: Record<string, unknown> }; body?: unknown; signal?: AbortSignal }
type Call = <T>(path: string, options: Options) => Promise<{ data?: T; error?: unknown; response: Response }>

export const draft = client as unknown as { GET: Call; POST: Call; PATCH: Call; PUT: Call; DELETE: Call }
