const longestText = 300

/**
 * A test for a pattern of a schema, where the browser gives the server's answer in a bounded time; undefined where it might not. The server matches without going back, browsers go back: so nothing
 * that repeats a group or repeats more than twice is tried here, nor what the two read differently.
 */
export function compilePattern(pattern: string): (text: string) => boolean | undefined {
  const undecided = () => undefined
  const escapes = [...pattern.matchAll(/\\(.)/gs)].map(([, letter]) => letter ?? '')
  const bare = pattern.replace(/\\./gs, '_').replace(/\[[^\]]*\]/g, '_')
  const repeats = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0
  if (escapes.some((letter) => !/[dwstnr.*+?^$()[\]{}|/\\-]/.test(letter)) || /\)[*+?{]/.test(bare) || /\(\?(?!:)/.test(bare) || /[*+?}][*+?{]/.test(bare) || /\[[^\]]*[[&]/.test(pattern) || repeats > 2) {
    return undecided
  }
  let compiled: RegExp
  try {
    compiled = new RegExp(pattern, 'u')
  } catch {
    return undecided
  }
  // Classes of letters and digits, ends of lines and characters of two units are where the two differ.
  return (text) => (text.length <= longestText && /^[\x20-\x7e]*$/.test(text) ? compiled.test(text) : undefined)
}
