/** What can be told from a `User-Agent` header; null where nothing can. Browsers pretend to be each other, so the order matters. */
export type Device = { browser: string | null; system: string | null; kind: 'computer' | 'phone' | 'program' }

const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bYaBrowser\//, 'Yandex Browser'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

export function readUserAgent(agent: string | null): Device {
  const text = (agent ?? '').slice(0, 500)
  if (text.startsWith('Mozilla/')) {
    const find = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(text))?.[1] ?? null
    const system = find(systems)
    return {
      browser: find(browsers),
      system,
      kind: /\bMobi/.test(text) || system === 'iPhone' || system === 'iPad' || system === 'Android' ? 'phone' : 'computer',
    }
  }
  // curl/8.5.0, python-requests/2.31, Togglr-CLI/1.0 (linux)
  const program = /^[A-Za-z][\w .-]{0,60}(?=\/|$| \()/.exec(text)?.[0].trim() ?? null
  return { browser: program, system: null, kind: 'program' }
}
