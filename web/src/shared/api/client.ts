import createClient from 'openapi-fetch'
import { readProblem } from './problem'
import type { paths } from './schema'
import { authorizedFetch } from './session'

/** The management API, typed by its OpenAPI document. Every answer goes through {@link unwrap}. */
export const client = createClient<paths>({ baseUrl: '', fetch: authorizedFetch })

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** Gives the body of a success and throws an {@link ApiProblem} for everything else. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await unwrapWithVersion(call)).body
}

/** As {@link unwrap}, with the version that the `ETag` names, for a later `If-Match`. */
export async function unwrapWithVersion<T>(call: Promise<Answer<T>>): Promise<{ body: T; etag: string }> {
  const { data, response, error } = await call
  if (!response.ok) {
    // The client has consumed the body already: what it parsed is the problem document.
    throw await readProblem(
      new Response(JSON.stringify(error ?? {}), { status: response.status, headers: response.headers }),
    )
  }
  return { body: data as T, etag: response.headers.get('etag') ?? '' }
}
