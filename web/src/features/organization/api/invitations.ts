import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { GrantChoice } from './types'

const path = '/api/v1/orgs/{org}/invitations'

export const invitationsQuery = (org: string) =>
  queryOptions({
    queryKey: ['invitations', org],
    queryFn: async () =>
      (await unwrap(client.GET(path, { params: { path: { org }, query: { limit: 200 } } }))).items,
  })

export type NewInvitation = { email: string; grants: GrantChoice[]; groups: string[] }

export function useInvitationActions(org: string) {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['invitations', org] })
  // The answers may hold the link, which lets in whoever has it: they must not stay in a cache.
  const invite = useMutation({
    mutationFn: (body: NewInvitation) => unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess,
    gcTime: 0,
  })
  const resend = useMutation({
    mutationFn: (id: string) =>
      unwrap(client.POST(`${path}/{id}/resend`, { params: { path: { org, id } } })),
    onSuccess,
    gcTime: 0,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, id } } })),
    onSuccess,
  })
  return { invite, resend, revoke }
}
