/** One finding of the server about a member of the body that was sent. */
export type ProblemDetail = { code: string; path: string; message: string }

/** The body of an error answer: `application/problem+json`. */
export type ProblemDocument = {
  title?: string
  status?: number
  detail?: string
  code?: string
  requestId?: string
  retryAfter?: number | null
  current?: unknown
  errors?: ProblemDetail[]
}

/** An answer of the server that is not a success, or no answer at all (`status` 0, `code` `network`). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined
  readonly errors: ProblemDetail[]
  /** Seconds to wait before trying again, where the answer is 429 or 503. */
  readonly retryAfter: number | undefined
  /** The version that the server has now, where the answer is 412. */
  readonly current: unknown

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `HTTP ${status}`)
    this.name = 'ApiProblem'
    this.status = status
    this.code = document.code ?? (status === 0 ? 'network' : 'unknown')
    this.requestId = document.requestId
    this.errors = document.errors ?? []
    this.retryAfter = document.retryAfter ?? undefined
    this.current = document.current
  }
}

/** The code of the finding about a member of the body (`/password`), where there is one. */
export function findingAt(error: unknown, path: string): ProblemDetail | undefined {
  return error instanceof ApiProblem ? error.errors.find((item) => item.path === path) : undefined
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code)
}

/** Reads an error answer; one that is no problem document (a proxy's page) still gives its status. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  let document: ProblemDocument = {}
  try {
    document = (await response.json()) as ProblemDocument
  } catch {
    // Not JSON: the status says enough.
  }
  const requestId = document.requestId ?? response.headers.get('x-request-id') ?? undefined
  const header = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfter = document.retryAfter ?? (Number.isFinite(header) ? header : undefined)
  return new ApiProblem(response.status, { ...document, requestId, retryAfter })
}
