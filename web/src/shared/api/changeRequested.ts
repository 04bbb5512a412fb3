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
