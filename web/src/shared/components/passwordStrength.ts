/**
 * How hard a password is to guess, 0 (at once) to 4 (not worth trying), by length and variety, with no credit for runs,
 * repetitions and the person's own name or address. An estimate that helps to choose; what counts is decided by the server.
 */
export function passwordStrength(password: string, known: readonly string[] = []): number {
  let text = password.toLowerCase()
  for (const word of known.flatMap((item) => item.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((item) => item.length >= 3)) {
    text = text.replaceAll(word, '')
  }
  text = text.replace(/(password|passwort|пароль|qwerty|qwertz|йцукен|letmein|welcome|admin|togglr)/g, '')
  let units = 0
  let previous = Number.NaN
  let step = Number.NaN
  for (const letter of text) {
    const now = letter.codePointAt(0) ?? 0
    const difference = now - previous
    // The third and further letters of "aaa", "abc" and "321" add next to nothing.
    units += Math.abs(difference) <= 1 && difference === step ? 0.15 : 1
    step = difference
    previous = now
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length
  const score = units * (1 + (kinds - 1) * 0.18)
  return score < 6 ? 0 : score < 10 ? 1 : score < 14 ? 2 : score < 19 ? 3 : 4
}
