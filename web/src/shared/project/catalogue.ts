import { queryOptions } from '@tanstack/react-query'
import { client, unwrap } from '../api/client'
import type { AttributeView, CategoryView, FlagView, Page, Ref, SegmentView, TagView } from '../api/types'
import type { Scope } from './scope'

const base = '/orgs/{org}/projects/{project}'

function list<T>(name: string, { org, project }: Scope) {
  return queryOptions({
    queryKey: [name, org, project, 'catalogue'],
    queryFn: async () =>
      (await unwrap<Page<T>>(client.GET(`${base}/${name}`, { params: { path: { org, project }, query: { limit: 200 } } })))
        .items,
  })
}

export const tagsQuery = (scope: Scope) => list<TagView>('tags', scope)
export const categoriesQuery = (scope: Scope) => list<CategoryView>('categories', scope)
/** The attributes that contexts of this project have, for the targeting editor. */
export const attributesQuery = (scope: Scope) => list<AttributeView>('attributes', scope)

/** The first segments that match, for pickers. */
export const segmentChoicesQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['segments', org, project, 'choices', search],
    queryFn: async () =>
      (
        await unwrap<Page<SegmentView>>(
          client.GET(`${base}/segments`, {
            params: { path: { org, project }, query: { limit: 50, search: search || undefined } },
          }),
        )
      ).items,
  })

/** The first flags that match, for pickers. */
export const flagChoicesQuery = ({ org, project }: Scope, search: string) =>
  queryOptions({
    queryKey: ['flags', org, project, 'choices', search],
    queryFn: async () =>
      (
        await unwrap<Page<FlagView>>(
          client.GET(`${base}/flags`, {
            params: { path: { org, project }, query: { limit: 50, sort: 'key', search: search || undefined } },
          }),
        )
      ).items,
  })

export const membersQuery = (org: string) =>
  queryOptions({
    queryKey: ['members', org],
    queryFn: async () =>
      (await unwrap<Page<Ref>>(client.GET('/orgs/{org}/members', { params: { path: { org }, query: { limit: 200 } } }))).items,
    staleTime: 5 * 60_000,
  })
