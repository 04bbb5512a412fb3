import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import { errorText } from '@/shared/components/feedback'
import type { Messages } from '@/shared/i18n/messages'

/**
 * The version that a form began with, so that what others saved meanwhile is not replaced unseen. After that was said
 * (`error` is the refusal), saving again is meant.
 */
export function useVersion(current: number | undefined, error: unknown): number {
  const [began] = useState(current ?? 0)
  return isProblem(error, 'precondition_failed') ? (current ?? began) : began
}

export const formErrorText = (error: unknown, m: Messages) => (isProblem(error, 'precondition_failed') ? m.labels.changed : errorText(error, m))
