import { Button, Tooltip } from '@mantine/core'
import { IconEye, IconEyeCheck } from '@tabler/icons-react'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import { showError } from '../components/feedback'
import { useMessages } from '../i18n/messages'
import type { Scope } from '../project/scope'

const path = '/api/v1/orgs/{org}/projects/{project}/watch'

const watchQuery = ({ org, project }: Scope) =>
  queryOptions({ queryKey: ['watch', org, project], queryFn: () => unwrap(client.GET(path, { params: { path: { org, project } } })) })

/** Has the person told of everything that happens to a flag, or in the whole project. */
export function WatchButton({ scope, flag }: { scope: Scope; flag?: string }) {
  const m = useMessages()
  const queryClient = useQueryClient()
  const { data } = useQuery(watchQuery(scope))
  const watching = flag === undefined ? (data?.project ?? false) : (data?.flags.includes(flag) ?? false)
  const put = useMutation({
    mutationFn: () => unwrap(client.PUT(path, { params: { path: { org: scope.org, project: scope.project } }, body: { flag, watching: !watching } })),
    onSuccess: (next) => queryClient.setQueryData(watchQuery(scope).queryKey, next),
    onError: (error) => showError(m.errors.title, error, m),
  })
  return (
    <Tooltip label={flag === undefined ? m.inbox.watchProject : m.inbox.watchFlag}>
      <Button
        size={flag === undefined ? undefined : 'compact-xs'}
        variant={watching ? 'light' : 'default'}
        aria-pressed={watching}
        loading={put.isPending}
        disabled={data === undefined}
        leftSection={watching ? <IconEyeCheck size={flag === undefined ? 17 : 14} aria-hidden /> : <IconEye size={flag === undefined ? 17 : 14} aria-hidden />}
        onClick={() => put.mutate()}
      >
        {watching ? m.inbox.watching : m.inbox.watch}
      </Button>
    </Tooltip>
  )
}
