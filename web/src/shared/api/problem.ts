/** One finding of the server about a member of the body that was sent. */
export type ProblemDetail = { code: string; path: string; message: string }

/** The body of an error answer: `application/problem+json`. */
export type ProblemDocument = {
  title?: string
  status?: number
  detail?: string
  code?: string
  requestId?: string
  current?: unknown
  errors?: ProblemDetail[]
}

/** An answer of the server that is not a success, or no answer at all (`status` 0, `code` `network`). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined
  readonly errors: ProblemDetail[]
  /** The version that the server has now, where the answer is 412. */
  readonly current: unknown

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `HTTP ${status}`)
    this.name = 'ApiProblem'
    this.status = status
    this.code = document.code ?? (status === 0 ? 'network' : 'unknown')
    this.requestId = document.requestId
    this.errors = document.errors ?? []
    this.current = document.current
  }
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
  return new ApiProblem(response.status, { ...document, requestId })
}
