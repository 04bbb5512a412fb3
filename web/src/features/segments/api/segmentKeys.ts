import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { becameRequest, type ChangeRequestView } from '@/shared/api/changeRequested'
import { client, draftHeader, unwrap } from '@/shared/api/client'
import { ApiProblem, type ProblemDocument } from '@/shared/api/problem'
import type { components } from '@/shared/api/schema'
import { renewedToken, session } from '@/shared/api/session'
import type { SegmentView } from '@/shared/api/types'
import { draftFor } from '@/shared/changes/collecting'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

export type KeyListName = 'included' | 'excluded'

const path = '/api/v1/orgs/{org}/projects/{project}/segments/{segment}/keys'

export const segmentKeysQuery = ({ org, project }: Scope, segment: string, list: KeyListName, search: string) =>
  infiniteQueryOptions({
    queryKey: ['segmentKeys', org, project, segment, list, search],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET(path, {
          params: {
            path: { org, project, segment },
            query: { list, search: search || undefined, limit: 100, cursor: pageParam ?? undefined },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })

export function useSegmentKeyActions({ org, project }: Scope, segment: string, list: KeyListName) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(
      ['segmentKeys', 'segment', 'segments'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })),
    )
  const edit = useMutation({
    mutationFn: (body: { add?: string[]; remove?: string[] }) => {
      noteOwnChange('segment', segment)
      return unwrap(client.POST(path, { params: { path: { org, project, segment } }, body: { list, ...body } }))
    },
    onSuccess,
  })
  return { edit, refresh: onSuccess }
}

export type UploadMode = components['schemas']['KeyUploadMode']
export type KeysComparison = components['schemas']['SegmentKeysComparisonView']
type Upload = { scope: Scope; segment: string; list: KeyListName; mode: UploadMode; keys: Blob | string; signal: AbortSignal; onProgress: (percent: number) => void }

/** What an upload would do to the list. Nothing is changed by it. */
export const compareKeys = (upload: Upload) => send<KeysComparison>('POST', '/compare', upload, undefined)

/** Does what {@link compareKeys} showed, unless somebody changed the segment since. */
export function uploadKeys(upload: Upload, version: number) {
  noteOwnChange('segment', upload.segment)
  return send<SegmentView>('PUT', '', upload, `"${version}"`)
}

/** Sends a long text and tells how far it is, which `fetch` cannot; stops when it is told to. */
async function send<T>(method: string, suffix: string, upload: Upload, version: string | undefined): Promise<T> {
  const token = await session.accessToken()
  try {
    return await sendOnce<T>(method, suffix, upload, version, token)
  } catch (error) {
    // As for every other request: who signs in again on top of the page goes on where they were.
    const renewed = error instanceof ApiProblem && error.status === 401 ? await renewedToken() : null
    if (renewed === null) {
      throw error
    }
    return sendOnce<T>(method, suffix, upload, version, renewed)
  }
}

function sendOnce<T>(
  method: string,
  suffix: string,
  { scope, segment, list, mode, keys, signal, onProgress }: Upload,
  version: string | undefined,
  token: string | null,
): Promise<T> {
  const place = [scope.org, scope.project, segment].map(encodeURIComponent)
  const url = `/api/v1/orgs/${place[0]}/projects/${place[1]}/segments/${place[2]}/keys${suffix}?list=${list}&mode=${mode}`
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, url)
    request.setRequestHeader('content-type', 'text/plain; charset=utf-8')
    request.setRequestHeader('authorization', `Bearer ${token ?? ''}`)
    if (version !== undefined) {
      request.setRequestHeader('if-match', version)
    }
    const draft = suffix === '' ? draftFor(method, url) : null
    if (draft !== null) {
      request.setRequestHeader(draftHeader, String(draft))
    }
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((loaded / Math.max(total, 1)) * 100))
    request.onerror = () => reject(new ApiProblem(0, {}))
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    request.onload = () => {
      let answer: unknown = {}
      try {
        answer = JSON.parse(request.responseText)
      } catch {
        // No JSON: the status says enough.
      }
      if (request.status === 202 && request.getResponseHeader(draftHeader) !== null) {
        reject(becameRequest(answer as ChangeRequestView))
      } else if (request.status < 300) {
        resolve(answer as T)
      } else {
        reject(new ApiProblem(request.status, answer as ProblemDocument))
      }
    }
    if (signal.aborted) {
      reject(new DOMException('stopped', 'AbortError'))
      return
    }
    signal.addEventListener('abort', () => request.abort())
    request.send(keys)
  })
}
