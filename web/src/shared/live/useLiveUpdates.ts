import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { session } from '../api/session'
import { refreshFlags } from '../flags/flagList'
import type { Scope } from '../project/scope'
import { reportConnection, type Connection } from './connection'
import { isOwnEcho, noteChange } from './recentChanges'

type LiveEvent = {
  type: string
  entity?: string
  entity_id?: string
  /** All of them, where several changed together. */
  entity_ids?: string[]
  action?: string
  environment?: string | null
  actor?: { id: string; name: string } | null
}

/** Which answers (by the first part of their query key) an entity's change makes old. */
const staleAfter: Record<string, string[]> = {
  flag: ['flags', 'flag', 'flagEnvironment', 'comparison', 'audit', 'segments', 'schedules', 'ramps', 'health', 'incidents'],
  ramp: ['ramps', 'flags', 'flag', 'flagEnvironment', 'audit'],
  schedule: ['schedules', 'audit'],
  // Its shares move every few seconds: no lists.
  algorithm: ['algorithm', 'flag', 'audit'],
  experiment: ['experiments', 'experiment', 'layers', 'holdouts', 'metrics', 'flags', 'flagList', 'flag', 'flagEnvironment', 'audit'],
  metric: ['metrics', 'audit'],
  layer: ['layers', 'audit'],
  holdout: ['holdouts', 'audit'],
  health: ['health', 'audit'],
  incident: ['incidents', 'health', 'audit'],
  segment: ['segments', 'segment', 'segmentKeys', 'audit'],
  environment: ['environments', 'flags', 'flagList', 'flag', 'flagEnvironment', 'comparison', 'audit', 'usage', 'connections', 'onboarding'],
  key: ['environmentKeys', 'onboarding', 'audit'],
  context: ['contexts', 'audit'],
  view: ['views', 'audit'],
  project: ['projects', 'project', 'audit'],
  changerequest: ['changeRequests', 'audit'],
  changepolicy: ['changePolicies', 'audit'],
  tag: ['tags', 'audit'],
  category: ['categories', 'audit'],
  attribute: ['attributes', 'audit'],
  notification_destination: ['notifications', 'audit'],
}

/** Entities whose change may change what the person may do. */
const rights = new Set(['grant', 'group', 'role', 'member', 'user', 'organization', 'identity_provider'])

const firstDelay = 500
const longestDelay = 15_000
const pingEvery = 20_000

/** Keeps what is on the screen current while a project is open. Gives whether the connection stands. */
export function useLiveUpdates(scope: Scope): Connection {
  const queryClient = useQueryClient()
  const [status, setStatus] = useState<Connection>('connecting')
  const { org, project } = scope

  useEffect(() => {
    let socket: WebSocket | null = null
    let closed = false
    let connecting = false
    let attempts = 0
    let retry: ReturnType<typeof setTimeout> | undefined
    let ping: ReturnType<typeof setInterval> | undefined

    const become = (next: Connection) => {
      setStatus(next)
      reportConnection(next, hurry)
    }

    const connect = async () => {
      connecting = true
      const token = await session.accessToken().catch(() => null)
      connecting = false
      if (closed) {
        return
      }
      if (token === null) {
        schedule()
        return
      }
      const url = new URL('/api/ws', location.href)
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
      url.search = new URLSearchParams(project === '' ? { org } : { org, project_id: project }).toString()
      socket = new WebSocket(url, [`token.${token}`])
      socket.onopen = () => {
        become('live')
        if (attempts > 0) {
          // What happened while nobody listened is not told again.
          void queryClient.invalidateQueries()
        } else {
          // Nor what happened between the page's first question and now; of that, the person's rights must be right.
          void queryClient.invalidateQueries({ queryKey: ['me'] })
        }
        attempts = 0
        ping = setInterval(() => socket?.send('{"type":"ping"}'), pingEvery)
      }
      socket.onmessage = (message) => receive(queryClient, scope, String(message.data))
      socket.onclose = () => {
        clearInterval(ping)
        socket = null
        if (!closed) {
          // The server ends connections of people who lost their rights: the page must learn which are left.
          void queryClient.invalidateQueries({ queryKey: ['me'] })
          schedule()
        }
      }
    }

    const schedule = () => {
      attempts += 1
      if (attempts > 1) {
        become('lost')
        // Refused rather than unreachable: perhaps the sign-in was ended from elsewhere.
        void session.verify()
      }
      const delay = Math.min(longestDelay, firstDelay * 2 ** (attempts - 1))
      retry = setTimeout(() => void connect(), delay * (0.75 + Math.random() / 2))
    }

    const hurry = () => {
      if (socket === null && !connecting && !closed) {
        clearTimeout(retry)
        void connect()
      }
    }

    void connect()
    window.addEventListener('online', hurry)
    return () => {
      closed = true
      clearTimeout(retry)
      clearInterval(ping)
      window.removeEventListener('online', hurry)
      reportConnection('connecting', null)
      socket?.close()
    }
    // The scope's parts, because the object is a new one at every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [org, project, queryClient])

  return status
}

function receive(queryClient: QueryClient, scope: Scope, text: string) {
  let event: LiveEvent
  try {
    event = JSON.parse(text) as LiveEvent
  } catch {
    return
  }
  const { entity, entity_id: key } = event
  // It is about the person, wherever they are.
  if (entity === 'notification') {
    void queryClient.invalidateQueries({ queryKey: ['inbox'] })
    return
  }
  // Somebody used flags, which is no change of anything.
  if (entity === 'analytics') {
    void queryClient.invalidateQueries({ queryKey: ['analytics', scope.org, scope.project] })
    return
  }
  if (entity === undefined || key === undefined) {
    return
  }
  const keys = event.entity_ids ?? [key]
  for (const changed of keys) {
    if (!isOwnEcho(entity, changed)) {
      noteChange(entity, changed, {
        who: event.actor?.name ?? '',
        at: Date.now(),
        environment: event.environment ?? null,
        action: event.action ?? event.type.slice(entity.length + 1),
      })
    }
  }
  if (entity === 'flag' || entity === 'ramp') {
    refreshFlags(queryClient, scope, keys)
  }
  if (rights.has(entity)) {
    void queryClient.invalidateQueries({ queryKey: ['me'] })
  }
  const roots = staleAfter[entity]
  void queryClient.invalidateQueries({
    predicate: ({ queryKey }) =>
      roots === undefined
        ? queryKey[0] !== 'me'
        : roots.includes(String(queryKey[0])) && queryKey[1] === scope.org,
  })
}
