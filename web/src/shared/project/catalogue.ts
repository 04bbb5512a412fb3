import { queryOptions } from '@tanstack/react-query'
import { client, unwrap, unwrapWithVersion } from '../api/client'
import type { Scope } from './scope'

const all = { limit: 200 }
const mostPages = 25

/** Every page of a list that editors offer whole. */
async function readAll<T>(read: (query: { limit: number; cursor?: string }) => Promise<{ items: T[]; nextCursor: string | null }>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const answer: { items: T[]; nextCursor: string | null } = await read(cursor === null ? all : { ...all, cursor })
    items.push(...answer.items)
    cursor = answer.nextCursor
    if (cursor === null) {
      break
    }
  }
  return items
}

export const tagsQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['tags', org, project],
    queryFn: () =>
      readAll((query) => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/tags', { params: { path: { org, project }, query } }))),
  })

export const categoriesQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['categories', org, project],
    queryFn: () =>
      readAll((query) => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/categories', { params: { path: { org, project }, query } }))),
  })

/** The attributes that contexts of this project have, for the targeting editor. */
export const attributesQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['attributes', org, project],
    queryFn: () =>
      readAll((query) => unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/attributes', { params: { path: { org, project }, query } }))),
  })

/** Attributes and values that contexts had, as far as they were looked at. */
export const observedAttributesQuery = ({ org, project }: Scope) =>
  queryOptions({
    queryKey: ['observedAttributes', org, project],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/projects/{project}/observed-attributes', { params: { path: { org, project } } }))).items,
    staleTime: 30_000,
  })

/** The first segments that match, for pickers. */
export const segmentChoicesQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['segments', org, project, 'choices', search],
    queryFn: async () =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects/{project}/segments', {
            params: { path: { org, project }, query: { limit: 50, search: search || undefined } },
          }),
        )
      ).items,
  })

/** A segment by its key. */
export const segmentCardQuery = ({ org, project }: Scope, segment: string) =>
  queryOptions({
    queryKey: ['segment', org, project, segment],
    queryFn: () =>
      unwrapWithVersion(client.GET('/api/v1/orgs/{org}/projects/{project}/segments/{segment}', { params: { path: { org, project, segment } } })),
    staleTime: 30_000,
  })

/** The first flags that match, for pickers. */
export const flagChoicesQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['flags', org, project, 'choices', search],
    queryFn: async () =>
      (
        await unwrap(
          client.GET('/api/v1/orgs/{org}/projects/{project}/flags', {
            params: { path: { org, project }, query: { limit: 50, sort: 'key', search: search || undefined } },
          }),
        )
      ).items,
  })

export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: ['members', org],
    queryFn: async () =>
      (await unwrap(client.GET('/api/v1/orgs/{org}/members', { params: { path: { org }, query: all } }))).items,
    staleTime: 5 * 60_000,
  })
