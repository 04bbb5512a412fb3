import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { FlagKind, Variant } from '@/shared/api/types'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/flags/{flag}'

export type FlagChange = {
  name?: string
  description?: string
  kind?: FlagKind
  variants?: Variant[]
  defaultVariant?: string
  offVariant?: string | null
  category?: string | null
  owner?: string | null
  tags?: string[]
  clientVisible?: boolean
  expectedLifetimeDays?: number | null
  jsonSchema?: unknown
}

/** What can happen to a flag as a whole. Each call announces itself as this window's own change. */
export function useFlagActions({ org, project }: Scope, flag: string) {
  const queryClient = useQueryClient()
  const at = { path: { org, project, flag } }
  const onSettled = () =>
    Promise.all(
      ['flags', 'flag', 'flagEnvironment', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })),
    )
  const own = () => noteOwnChange('flag', flag)

  const change = useMutation({
    mutationFn: ({ change, etag }: { change: FlagChange; etag: string | null }) => {
      own()
      return unwrap(client.PATCH(path, { params: { ...at, header: { 'If-Match': etag ?? undefined } }, body: change }))
    },
    onSettled,
  })
  const archive = useMutation({
    mutationFn: (reason: string) => {
      own()
      return unwrap(client.POST(`${path}/archive`, { params: at, body: { reason: reason || undefined } }))
    },
    onSettled,
  })
  const restore = useMutation({
    mutationFn: () => {
      own()
      return unwrap(client.POST(`${path}/restore`, { params: at, body: {} }))
    },
    onSettled,
  })
  const remove = useMutation({
    mutationFn: () => {
      own()
      return unwrap(client.DELETE(path, { params: at }))
    },
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: ['flag', org, project, flag] })
      return queryClient.invalidateQueries({ queryKey: ['flags', org, project] })
    },
  })
  const kill = useMutation({
    mutationFn: (body: { reason: string; environments?: string[] }) => {
      own()
      return unwrap(client.POST(`${path}/kill`, { params: at, body }))
    },
    onSettled,
  })
  const revive = useMutation({
    mutationFn: (body: { reason: string; environments?: string[] }) => {
      own()
      return unwrap(client.POST(`${path}/revive`, { params: at, body }))
    },
    onSettled,
  })
  return { change, archive, restore, remove, kill, revive }
}
