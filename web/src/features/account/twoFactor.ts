import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'

/** What proves that it is the person: their password, where they have one, and a code where there is a second factor. */
export type Proof = { password?: string; code: string }

const path = '/api/v1/me/two-factor'

export function useTwoFactorActions() {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['me'] })
  // The answers hold secrets, which must not outlive the page in a cache.
  const gcTime = 0
  const begin = useMutation({
    mutationFn: (body: { password?: string }) => unwrap(client.POST(path, { body })),
    gcTime,
  })
  const confirm = useMutation({
    mutationFn: (code: string) => unwrap(client.POST(`${path}/confirm`, { body: { code } })),
    gcTime,
  })
  const renew = useMutation({
    mutationFn: (body: Proof) => unwrap(client.POST(`${path}/recovery-codes`, { body })),
    gcTime,
  })
  const remove = useMutation({
    mutationFn: (body: Proof) => unwrap(client.DELETE(path, { body })),
    onSuccess,
  })
  return { begin, confirm, renew, remove }
}
