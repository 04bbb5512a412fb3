import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap, unwrapWithVersion } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'
import type { Condition } from '@/shared/targeting/model'

const path = '/api/v1/orgs/{org}/projects/{project}/segments'

/** The editor's operators are texts; the server checks them. */
const wire = (condition: Condition | null) => condition as components['schemas']['Condition'] | null

export const segmentListQuery = ({ org, project }: Scope, search: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['segments', org, project, 'list', search],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET(path, {
          params: { path: { org, project }, query: { search, limit: 100, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  })

export const segmentQuery = ({ org, project }: Scope, segment: string) =>
  queryOptions({
    queryKey: ['segment', org, project, segment],
    queryFn: () => unwrapWithVersion(client.GET(`${path}/{segment}`, { params: { path: { org, project, segment } } })),
  })

/** About how many people of an environment are in a segment; the version makes the answer one about the segment as it is now. */
export const segmentSizeQuery = ({ org, project }: Scope, segment: string, environment: string, version: number) =>
  queryOptions({
    queryKey: ['segmentSize', org, project, segment, environment, version],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/environments/{env}/segments/{segment}/size', {
          params: { path: { org, project, env: environment, segment } },
          signal,
        }),
      ),
    enabled: environment !== '',
    staleTime: 30_000,
  })

/** What the server thinks of a draft of the condition. */
export const segmentAnalysisQuery = ({ org, project }: Scope, segment: string, condition: Condition | null, version: number) =>
  queryOptions({
    queryKey: ['analysis', org, project, 'segment', segment, condition, version],
    queryFn: async ({ signal }) =>
      (await unwrap(client.POST(`${path}/{segment}/analyze`, { params: { path: { org, project, segment } }, body: { if: wire(condition) }, signal })))
        .problems,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
    staleTime: 10_000,
  })

export type SegmentDraft = { name: string; description: string; if: Condition | null }

export function useSegmentActions({ org, project }: Scope) {
  const queryClient = useQueryClient()
  const settled = () =>
    Promise.all(['segments', 'segment'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
  const create = useMutation({
    mutationFn: ({ key, ...body }: SegmentDraft & { key: string }) => {
      noteOwnChange('segment', key)
      return unwrap(client.POST(path, { params: { path: { org, project } }, body: { key, ...body, if: wire(body.if) } }))
    },
    onSuccess: settled,
  })
  const save = useMutation({
    mutationFn: ({ segment, etag, body }: { segment: string; etag: string; body: SegmentDraft }) => {
      noteOwnChange('segment', segment)
      return unwrapWithVersion(
        client.PUT(`${path}/{segment}`, {
          params: { path: { org, project, segment }, header: { 'If-Match': etag } },
          body: { ...body, if: wire(body.if) },
        }),
      )
    },
    onSuccess: (saved, { segment }) => {
      queryClient.setQueryData(segmentQuery({ org, project }, segment).queryKey, saved)
      return queryClient.invalidateQueries({ queryKey: ['segments', org, project] })
    },
  })
  const remove = useMutation({
    mutationFn: (segment: string) =>
      unwrap(client.DELETE(`${path}/{segment}`, { params: { path: { org, project, segment } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['segments', org, project] }),
  })
  return { create, save, remove }
}
