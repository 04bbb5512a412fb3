import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client, unwrap } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'

export type Destination = components['schemas']['DestinationView']
export type Delivery = components['schemas']['DeliveryView']
export type Subscription = components['schemas']['SubscriptionView']
export type DestinationKind = Destination['kind']
export type DeliveryState = Delivery['state']
export type CreateDestination = components['schemas']['CreateDestinationRequest']
export type UpdateDestination = components['schemas']['UpdateDestinationRequest']

/** Where destinations are: in an organization itself, or in one of its projects. */
export type Place = { org: string; project: string | null }

const wide = '/api/v1/orgs/{org}/notifications'
const inside = '/api/v1/orgs/{org}/projects/{project}/notifications'
const root = ({ org, project }: Place) => ['notifications', org, project]

export const eventsQuery = (place: Place) =>
  queryOptions({
    queryKey: [...root(place), 'events'],
    queryFn: async () =>
      (place.project === null
        ? await unwrap(client.GET(`${wide}/events`, { params: { path: { org: place.org } } }))
        : await unwrap(client.GET(`${inside}/events`, { params: { path: { org: place.org, project: place.project } } }))
      ).groups,
    staleTime: Infinity,
  })

export const destinationsQuery = (place: Place) =>
  queryOptions({
    queryKey: [...root(place), 'destinations'],
    queryFn: async () => {
      const query = { limit: 100 }
      return (
        place.project === null
          ? await unwrap(client.GET(`${wide}/destinations`, { params: { path: { org: place.org }, query } }))
          : await unwrap(client.GET(`${inside}/destinations`, { params: { path: { org: place.org, project: place.project }, query } }))
      ).items
    },
  })

export type LogFilter = { destination: string | null; state: DeliveryState | null }

export const deliveriesQuery = (place: Place, { destination, state }: LogFilter) =>
  infiniteQueryOptions({
    queryKey: [...root(place), 'deliveries', destination, state],
    queryFn: ({ pageParam }) => {
      const query = { limit: 50, cursor: pageParam ?? undefined, destination: destination ?? undefined, state: state ?? undefined }
      return place.project === null
        ? unwrap(client.GET(`${wide}/deliveries`, { params: { path: { org: place.org }, query } }))
        : unwrap(client.GET(`${inside}/deliveries`, { params: { path: { org: place.org, project: place.project }, query } }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // What waits is sent while somebody looks.
    refetchInterval: 10_000,
  })

export const deliveryQuery = (place: Place, id: string) =>
  queryOptions({
    queryKey: [...root(place), 'delivery', id],
    queryFn: () =>
      place.project === null
        ? unwrap(client.GET(`${wide}/deliveries/{id}`, { params: { path: { org: place.org, id } } }))
        : unwrap(client.GET(`${inside}/deliveries/{id}`, { params: { path: { org: place.org, project: place.project, id } } })),
  })

export function useDestinationActions(place: Place) {
  const { org, project } = place
  const queryClient = useQueryClient()
  const onSettled = () => queryClient.invalidateQueries({ queryKey: root(place) })
  const create = useMutation({
    mutationFn: (body: CreateDestination) =>
      project === null
        ? unwrap(client.POST(`${wide}/destinations`, { params: { path: { org } }, body }))
        : unwrap(client.POST(`${inside}/destinations`, { params: { path: { org, project } }, body })),
    onSettled,
  })
  const update = useMutation({
    mutationFn: ({ id, body }: { id: string; body: UpdateDestination }) =>
      project === null
        ? unwrap(client.PATCH(`${wide}/destinations/{id}`, { params: { path: { org, id } }, body }))
        : unwrap(client.PATCH(`${inside}/destinations/{id}`, { params: { path: { org, project, id } }, body })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (id: string) =>
      project === null
        ? unwrap(client.DELETE(`${wide}/destinations/{id}`, { params: { path: { org, id } } }))
        : unwrap(client.DELETE(`${inside}/destinations/{id}`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  const test = useMutation({
    mutationFn: (id: string) =>
      project === null
        ? unwrap(client.POST(`${wide}/destinations/{id}/test`, { params: { path: { org, id } } }))
        : unwrap(client.POST(`${inside}/destinations/{id}/test`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  const resendAll = useMutation({
    mutationFn: (id: string) =>
      project === null
        ? unwrap(client.POST(`${wide}/destinations/{id}/resend`, { params: { path: { org, id } } }))
        : unwrap(client.POST(`${inside}/destinations/{id}/resend`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  const resend = useMutation({
    mutationFn: (id: string) =>
      project === null
        ? unwrap(client.POST(`${wide}/deliveries/{id}/resend`, { params: { path: { org, id } } }))
        : unwrap(client.POST(`${inside}/deliveries/{id}/resend`, { params: { path: { org, project, id } } })),
    onSettled,
  })
  return { create, update, remove, test, resendAll, resend }
}
