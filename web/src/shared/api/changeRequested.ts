import { ApiProblem } from './problem'
import type { components } from './schema'

export type ChangeRequestView = components['schemas']['ChangeRequestView']

/** 202: what was to be changed is guarded, so it became a change request, or another change of a draft. Nothing has happened yet. */
export class ChangeRequested extends ApiProblem {
  readonly request: ChangeRequestView

  constructor(request: ChangeRequestView) {
    super(202, { code: 'approval_required', detail: request.title })
    this.name = 'ChangeRequested'
    this.request = request
  }
}

const listeners = new Set<(request: ChangeRequestView) => void>()

/** Hears of every change of this window that became a request. Gives the end of it. */
export function hearOfRequests(listener: (request: ChangeRequestView) => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Tells everybody that a change became a request; gives the error that ends what had asked for the change. */
export function becameRequest(request: ChangeRequestView): ChangeRequested {
  listeners.forEach((listener) => listener(request))
  return new ChangeRequested(request)
}
