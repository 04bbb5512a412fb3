import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { GrantChoice, PrincipalKind } from './types'

const path = '/api/v1/orgs/{org}/grants'

export type PrincipalRef = { kind: PrincipalKind; id: string }

/** Gives and takes roles; whatever shows roles follows. */
export function useGrantActions(org: string) {
  const queryClient = useQueryClient()
  const onSuccess = () =>
    Promise.all(
      ['members', 'groups', 'serviceAccounts', 'effective', 'roles'].map((root) =>
        queryClient.invalidateQueries({ queryKey: [root, org] }),
      ),
    )
  const add = useMutation({
    mutationFn: (body: { principal: PrincipalRef } & GrantChoice) =>
      unwrap(client.POST(path, { params: { path: { org } }, body })),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(client.DELETE(`${path}/{id}`, { params: { path: { org, id } } })),
    onSuccess,
  })
  return { add, remove }
}
