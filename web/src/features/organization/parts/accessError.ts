import { isProblem } from '@/shared/api/problem'
import { errorText, showError } from '@/shared/components/feedback'
import type { Messages } from '../texts/messages'

/** Why a change of rights was refused, and what helps. */
export function accessErrorText(error: unknown, m: Messages): string {
  if (isProblem(error, 'last_owner')) {
    return m.access.lastOwner
  }
  if (isProblem(error, 'shared_account')) {
    return m.access.sharedAccount
  }
  if (isProblem(error, 'managed_by_provider')) {
    return m.access.managedByProvider
  }
  if (isProblem(error, 'forbidden')) {
    return `${m.access.mayNotConfer} ${error.message}`
  }
  return errorText(error, m)
}

export function showAccessError(error: unknown, m: Messages) {
  showError(m.errors.title, error, m, accessErrorText(error, m))
}
