import { queryOptions, useMutation } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import { session } from '@/shared/api/session'

/** What an invitation's link stands for. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: () => unwrap(client.GET('/api/v1/auth/invitations/{token}', { params: { path: { token } } })),
    staleTime: 60_000,
    gcTime: 0,
  })

/** Accepts: with a name and a new password, or with the password (and code) of the account that there is. */
export function useAcceptInvitation(token: string) {
  return useMutation({
    mutationFn: (body: { name?: string; password: string; code?: string }) =>
      session.signIn(`/api/v1/auth/invitations/${encodeURIComponent(token)}/accept`, body),
  })
}
