import type { ProblemDetail } from '../api/problem'
import type { Messages } from '../i18n/messages'

/** What the server found about something that was typed, in the person's language where the code is known. */
export function findingText(finding: ProblemDetail, m: Messages): string {
  return Object.hasOwn(m.findings, finding.code) ? m.findings[finding.code as keyof Messages['findings']] : finding.message
}
