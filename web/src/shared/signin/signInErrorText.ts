import { ApiProblem } from '../api/problem'
import { errorText } from '../components/feedback'
import type { Messages } from '../i18n/messages'

/** Why somebody was not let in, and what to do about it. */
export function signInErrorText(error: unknown, m: Messages): string {
  const code = error instanceof ApiProblem ? error.code : ''
  return signInCodeText(code, m) ?? errorText(error, m)
}

/** The same for the code with which a sign-in by way of an identity provider comes back; undefined for an unknown one. */
export function signInCodeText(code: string, m: Messages): string | undefined {
  return Object.hasOwn(m.signInErrors, code) ? m.signInErrors[code as keyof Messages['signInErrors']] : undefined
}
