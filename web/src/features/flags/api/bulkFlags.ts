import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { bypassing } from '@/shared/changes/policies'
import { refreshFlags } from '@/shared/flags/flagList'
import { noteOwnChange } from '@/shared/live/recentChanges'
import type { Scope } from '@/shared/project/scope'

export type BulkRequest = components['schemas']['BulkFlagsRequest']
export type BulkAnswer = components['schemas']['BulkFlagsView']
export type BulkAction = components['schemas']['BulkAction']

const path = '/api/v1/orgs/{org}/projects/{project}/flags/bulk'

/** What changing many flags would do. */
export function rehearse({ org, project }: Scope, body: BulkRequest, signal?: AbortSignal): Promise<BulkAnswer> {
  return unwrap(client.POST(path, { params: { path: { org, project } }, body: { ...body, dryRun: true }, signal }))
}

/** Changes many flags in one step. */
export function useBulk({ org, project }: Scope) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ bypass, ...body }: BulkRequest & { bypass?: boolean }) => {
      body.flags.forEach((flag) => noteOwnChange('flag', flag))
      return unwrap(client.POST(path, { params: { path: { org, project } }, body, headers: bypassing(bypass) }))
    },
    onSettled: (_data, _error, body) => {
      refreshFlags(queryClient, { org, project }, body.flags)
      return Promise.all(['flag', 'flagEnvironment', 'audit'].map((root) => queryClient.invalidateQueries({ queryKey: [root, org] })))
    },
  })
}

const backwards: Record<BulkAction, BulkAction> = {
  enable: 'disable', disable: 'enable', addTags: 'removeTags', removeTags: 'addTags', archive: 'restore', restore: 'archive',
}

/** What takes back what was done: for the flags that it changed. Null where it cannot be said so shortly. */
export function inverse(body: BulkRequest, answer: BulkAnswer): BulkRequest | null {
  const changed = answer.results.filter((result) => result.outcome === 'changed').map((result) => result.flag)
  // A flag may have had some of several tags before.
  const unclear = (body.action === 'addTags' || body.action === 'removeTags') && (body.tags?.length ?? 0) > 1
  return changed.length === 0 || unclear
    ? null
    : { action: backwards[body.action], flags: changed, environment: body.environment, tags: body.tags }
}
