import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { components } from '../api/schema'
import type { Scope } from '../project/scope'

export type ChangeRequestView = components['schemas']['ChangeRequestView']
export type ChangeRequestSummary = components['schemas']['ChangeRequestSummaryView']
export type RequestedChange = components['schemas']['RequestedChangeView']
export type ChangeRequestState = ChangeRequestView['state']
export type Which = 'review' | 'mine' | 'open' | 'all'

const path = '/api/v1/orgs/{org}/projects/{project}/change-requests'

export const changeRequestsQuery = ({ org, project }: Scope, which: Which, search: string) =>
  infiniteQueryOptions({
    queryKey: ['changeRequests', org, project, 'list', which, search],
    queryFn: ({ pageParam }) =>
      unwrap(
        client.GET(path, {
          params: {
            path: { org, project },
            query: {
              limit: 50,
              cursor: pageParam ?? undefined,
              search: search || undefined,
              review: which === 'review' ? true : undefined,
              mine: which === 'mine' ? true : undefined,
              state: which === 'open' ? 'open' : undefined,
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })

/** How many requests of a project the person can approve now. */
export const reviewCountQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['changeRequests', org, project, 'count'],
    queryFn: async () =>
      (await unwrap(client.GET(path, { params: { path: { org, project }, query: { review: true, limit: 1 } } }))).total,
  })

/** People whom a comment can mention, by a part of their name. */
export const mentionableQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['changeRequests', org, project, 'people', search],
    queryFn: async () => (await unwrap(client.GET(`${path}/people`, { params: { path: { org, project }, query: { search: search || undefined } } }))).items,
    staleTime: 60_000,
  })

/** What waits for a flag. */
export const flagRequestsQuery = ({ org, project }: Scope, flag: string) =>
  queryOptions({
    queryKey: ['changeRequests', org, project, 'flag', flag],
    queryFn: async () =>
      (await unwrap(client.GET(path, { params: { path: { org, project }, query: { flag, state: 'open', limit: 20 } } }))).items,
  })

export const changeRequestQuery = ({ org, project }: Scope, number: number) =>
  queryOptions({
    queryKey: ['changeRequests', org, project, 'one', number],
    queryFn: () => unwrap(client.GET(`${path}/{number}`, { params: { path: { org, project, number } } })),
  })

export type Decision = 'submit' | 'approve' | 'reject' | 'cancel' | 'apply'

/** What can be done with a request. */
export function useChangeRequestActions({ org, project }: Scope, number: number) {
  const queryClient = useQueryClient()
  const at = { path: { org, project, number } }
  const onSettled = () => queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' && queryKey[1] === org })
  const decide = useMutation({
    mutationFn: async ({ decision, comment, version }: { decision: Decision; comment: string; version: number }) => {
      // What is approved is what was looked at.
      const params = { ...at, header: { 'If-Match': `"${version}"` } }
      await unwrap(client.POST(`${path}/{number}/${decision}`, { params, body: { comment: comment || undefined } }))
    },
    onSettled,
  })
  const rebase = useMutation({
    // Bodies that take the place of those of changes, where both sides changed the same.
    mutationFn: (resolutions: Record<string, unknown> | undefined) => unwrap(client.POST(`${path}/{number}/rebase`, { params: at, body: { resolutions: resolutions as never } })),
    onSettled,
  })
  const say = useMutation({ mutationFn: (body: { text: string; mentions: string[] }) => unwrap(client.POST(`${path}/{number}/comments`, { params: at, body })), onSettled })
  const leaveOut = useMutation({
    mutationFn: (position: number) => unwrap(client.DELETE(`${path}/{number}/changes/{position}`, { params: { path: { org, project, number, position } } })),
    onSettled,
  })
  const describe = useMutation({
    mutationFn: (body: { title?: string; description?: string; applyAt?: string | null }) => unwrap(client.PATCH(`${path}/{number}`, { params: at, body })),
    onSettled,
  })
  return { decide, rebase, say, leaveOut, describe }
}

export function useCreateDraft({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (title: string) => unwrap(client.POST(path, { params: { path: { org, project } }, body: { title } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['changeRequests', org] }),
  })
}

/** Proves again who one is. */
export function useProve() {
  return useMutation({
    mutationFn: (proof: { password: string } | { code: string }) => unwrap(client.POST('/api/v1/me/reauthenticate', { body: proof })),
  })
}
