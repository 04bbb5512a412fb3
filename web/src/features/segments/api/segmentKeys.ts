import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { ApiProblem, type ProblemDocument } from '@/shared/api/problem'
import { session } from '@/shared/api/session'
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
  const replace = useMutation({
    mutationFn: ({ keys, onProgress }: { keys: string; onProgress: (percent: number) => void }) => {
      noteOwnChange('segment', segment)
      const url = `/api/v1/orgs/${encodeURIComponent(org)}/projects/${encodeURIComponent(project)}/segments/${encodeURIComponent(segment)}/keys?list=${list}`
      return upload(url, keys, onProgress)
    },
    onSuccess,
  })
  return { edit, replace }
}

/** Sends a long text and tells how far it is, which `fetch` cannot. */
async function upload(url: string, text: string, onProgress: (percent: number) => void): Promise<void> {
  const token = await session.accessToken()
  await new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', url)
    request.setRequestHeader('content-type', 'text/plain; charset=utf-8')
    request.setRequestHeader('authorization', `Bearer ${token ?? ''}`)
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((loaded / Math.max(total, 1)) * 100))
    request.onerror = () => reject(new ApiProblem(0, {}))
    request.onload = () => {
      if (request.status < 300) {
        resolve()
        return
      }
      let document: ProblemDocument = {}
      try {
        document = JSON.parse(request.responseText) as ProblemDocument
      } catch {
        // No problem document: the status says enough.
      }
      reject(new ApiProblem(request.status, document))
    }
    request.send(text)
  })
}
