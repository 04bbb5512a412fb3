import createClient from 'openapi-fetch'
import { draftFor } from '../changes/collecting'
import { becameRequest, type ChangeRequestView } from './changeRequested'
import { readProblem } from './problem'
import type { paths } from './schema'
import { authorizedFetch } from './session'

/** The management API, typed by its OpenAPI document. Every answer goes through {@link unwrap}. */
export const client = createClient<paths>({ baseUrl: '', fetch: authorizedFetch })

/** Names the draft that a change is added to; in an answer, the request that it became. */
export const draftHeader = 'Togglr-Change-Request'

client.use({
  onRequest: ({ request }) => {
    const draft = draftFor(request.method, request.url)
    if (draft !== null) {
      request.headers.set(draftHeader, String(draft))
    }
    return request
  },
})

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
  if (response.status === 202 && response.headers.has(draftHeader)) {
    throw becameRequest(data as ChangeRequestView)
  }
  return { body: data as T, etag: response.headers.get('etag') ?? '' }
}
