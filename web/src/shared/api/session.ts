import { forgetDrafts } from '../drafts/storedDraft'
import { ApiProblem, readProblem } from './problem'

/**
 * Who is signed in. The access token lives in memory only; the refresh token is an HttpOnly cookie that scripts cannot
 * read. `expired` keeps the page (and what was typed into it) and asks for the password on top of it.
 */
export type SessionState = 'unknown' | 'signedOut' | 'signedIn' | 'expired'

type LoginAnswer = { accessToken: string; expiresIn: number; user: { id: string } }

let state: SessionState = 'unknown'
let token: string | null = null
let person: string | null = null
let tokenEndsAt = 0
let refreshing: Promise<boolean> | null = null
let waitingForLogin: (() => void)[] = []
const listeners = new Set<() => void>()

function become(next: SessionState) {
  state = next
  if (next === 'signedIn' || next === 'signedOut') {
    waitingForLogin.forEach((resume) => resume())
    waitingForLogin = []
  }
  listeners.forEach((listener) => listener())
}

function accept(answer: LoginAnswer) {
  if (person !== null && person !== answer.user.id) {
    // Somebody else signed in in another window. This page, and the requests that wait, are not theirs.
    location.assign('/')
    return
  }
  person = answer.user.id
  token = answer.accessToken
  tokenEndsAt = Date.now() + answer.expiresIn * 1000
  become('signedIn')
}

export const session = {
  get state() {
    return state
  },

  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },

  /** Signs in. Throws {@link ApiProblem}: `invalid_credentials`, `two_factor_code_required`, `invalid_code` or `rate_limited`. */
  login(email: string, password: string, code?: string) {
    return session.signIn('/api/v1/auth/login', { email, password, code })
  },

  /** Signs in by any call that answers with tokens. */
  async signIn(path: string, body: Record<string, unknown>) {
    const answer = await post(path, { ...body, cookie: true })
    if (state !== 'expired') {
      person = null
    }
    accept(answer)
    tell('signedIn')
  },

  /** Tells the other windows that the cookie is good again, after a sign-in by way of an identity provider. */
  announce() {
    tell('signedIn')
  },

  /** Asks the server whether the sign-in still stands, and becomes `expired` when it does not. */
  async verify() {
    if (state === 'signedIn') {
      await refresh().catch(() => undefined)
    }
  },

  async logout() {
    const ended = token
    forgetDrafts()
    token = null
    person = null
    become('signedOut')
    await fetch('/api/v1/auth/logout', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-togglr-csrf': '1', ...(ended ? { authorization: `Bearer ${ended}` } : {}) },
      body: '{}',
    }).catch(() => undefined)
  },

  /** Finds out at start whether the cookie still stands for somebody. */
  async restore() {
    if (state === 'unknown') {
      await refresh()
    }
    return state
  },

  /** A token that is good for at least some seconds, or null when nobody is signed in. */
  async accessToken(): Promise<string | null> {
    if (token !== null && Date.now() > tokenEndsAt - 15_000) {
      await refresh()
    }
    return token
  },
}

/**
 * `fetch` with the token: renews it when it has ended, and when the session itself has ended waits until the person has
 * signed in again on top of the page, then sends the same request.
 */
export async function authorizedFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await send(request, await session.accessToken())
  if (response.status !== 401) {
    return response
  }
  const renewed = await renewedToken()
  return renewed === null ? response : send(again, renewed)
}

/** A token after one was refused: renewed, or, when the session has ended, got by signing in on top of the page. Null for nobody. */
export async function renewedToken(): Promise<string | null> {
  if (!(await refresh())) {
    if (state !== 'expired') {
      return null
    }
    await new Promise<void>((resolve) => waitingForLogin.push(resolve))
  }
  return token
}

async function send(request: Request, bearer: string | null) {
  if (bearer !== null) {
    request.headers.set('authorization', `Bearer ${bearer}`)
  }
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') {
      throw error
    }
    throw new ApiProblem(0, { title: 'The server cannot be reached.' })
  }
}

const windows = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('togglr-session')

function tell(what: 'signedIn') {
  windows?.postMessage(what)
}

// Signed in again in another window: this one goes on too.
windows?.addEventListener('message', () => {
  if (state === 'expired') {
    void refresh().catch(() => undefined)
  }
})

/** Renews the access token, once for all who ask at the same time. */
function refresh(): Promise<boolean> {
  refreshing ??= exclusively(async () => {
    try {
      accept(await post('/api/v1/auth/refresh', {}))
      return true
    } catch (error) {
      // A server that cannot answer (it restarts, or a proxy answers in its place) says nothing about the sign-in.
      if (!(error instanceof ApiProblem) || error.status !== 401) {
        throw error
      }
      token = null
      become(state === 'signedIn' || state === 'expired' ? 'expired' : 'signedOut')
      return false
    }
  }).finally(() => {
    refreshing = null
  })
  return refreshing
}

/**
 * Refresh tokens rotate and using one twice ends the whole session, so two tabs must never renew at the same time: the
 * second waits for the first and then sends the cookie that the first one got.
 */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? (navigator.locks.request('togglr-refresh', work) as Promise<T>) : work()
}

async function post(path: string, body: unknown): Promise<LoginAnswer> {
  const request = new Request(path, {
    method: 'POST',
    // The refresh cookie alone is not enough: pages of other origins cannot send this header.
    headers: { 'content-type': 'application/json', 'x-togglr-csrf': '1' },
    body: JSON.stringify(body),
  })
  const response = await send(request, null)
  if (!response.ok) {
    throw await readProblem(response)
  }
  return (await response.json()) as LoginAnswer
}
