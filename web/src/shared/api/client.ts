import createClient from 'openapi-fetch'
import { readProblem } from './problem'
import { authorizedFetch } from './session'

type Init = {
  params?: {
    path?: Record<string, string>
    query?: Record<string, unknown>
    header?: Record<string, string | undefined>
  }
  body?: unknown
  headers?: Record<string, string | undefined>
  signal?: AbortSignal
}
type Answer = { data?: unknown; error?: unknown; response: Response }
type Call = (path: string, init?: Init) => Promise<Answer>
type Client = Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Call>

/** The management API. Every answer goes through {@link unwrap}. */
export const client = createClient<Record<string, never>>({
  baseUrl: '/api/v1',
  fetch: authorizedFetch,
}) as unknown as Client

/** Gives the body of a success and throws an {@link ApiProblem} for everything else. */
export async function unwrap<T>(call: Promise<Answer>): Promise<T> {
  return (await unwrapWithVersion<T>(call)).body
}

/** As {@link unwrap}, with the version that the `ETag` names, for a later `If-Match`. */
export async function unwrapWithVersion<T>(call: Promise<Answer>): Promise<{ body: T; etag: string | null }> {
  const { data, response, error } = await call
  if (!response.ok) {
    // The client has consumed the body already: what it parsed is the problem document.
    throw await readProblem(
      new Response(JSON.stringify(error ?? {}), { status: response.status, headers: response.headers }),
    )
  }
  return { body: data as T, etag: response.headers.get('etag') }
}
