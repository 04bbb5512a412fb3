import { queryOptions, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { client, unwrap } from '../api/client'

/** The organization and project that the address names. */
export type Scope = { org: string; project: string }

export function useScope(): Scope {
  const { org, project } = useParams({ strict: false })
  return { org: org ?? '', project: project ?? '' }
}

export const environmentsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['environments', org, project],
    queryFn: async () => {
      const page = await unwrap(
        client.GET('/api/v1/orgs/{org}/projects/{project}/environments', {
          params: { path: { org, project }, query: { limit: 200 } },
        }),
      )
      return page.items.toSorted((a, b) => a.position - b.position)
    },
  })

const lastEnvironment = (scope: Scope) => `togglr-environment:${scope.org}/${scope.project}`

/** The project's environments and the one in which the person works: `?env=`, else the last one chosen, else the first. */
export function useEnvironments() {
  const scope = useScope()
  const { env } = useSearch({ strict: false }) as { env?: string }
  const navigate = useNavigate()
  const { data } = useQuery({ ...environmentsQuery(scope), enabled: scope.project !== '' })
  const environments = data ?? []
  const wanted = env ?? localStorage.getItem(lastEnvironment(scope))
  const current = environments.find((item) => item.key === wanted) ?? environments[0]

  const choose = useCallback(
    (key: string) => {
      localStorage.setItem(lastEnvironment({ org: scope.org, project: scope.project }), key)
      void navigate({ to: '.', search: (previous) => ({ ...previous, env: key }) })
    },
    [navigate, scope.org, scope.project],
  )
  return { environments, current, choose }
}

/** The colour of an environment as CSS: a hex value, or the name of a colour of the theme. */
export function environmentColor(environment: { color: string } | undefined): string {
  const color = environment?.color ?? ''
  if (color.startsWith('#')) {
    return color
  }
  return color === '' ? 'var(--mantine-color-gray-6)' : `var(--mantine-color-${color}-6)`
}
