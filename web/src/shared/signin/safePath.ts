/**
 * The path to go on to after signing in: one of this site, else the start page. An address from outside must not be able
 * to lead elsewhere, whatever tricks it plays with slashes, backslashes, control characters or schemes.
 */
export function safePath(to: string | undefined): string {
  // eslint-disable-next-line no-control-regex
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\u0000-\u001f\u007f\\]/.test(to)) {
    return '/'
  }
  const here = 'https://togglr.invalid'
  try {
    const url = new URL(to, here)
    return url.origin === here && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : '/'
  } catch {
    return '/'
  }
}
