import { rank } from './fuzzy'

export type Verb = 'on' | 'off' | 'kill'

/** What somebody typed, as an action: `turn off new-checkout in prod`. */
export type Wish<E> = { verb: Verb; flag: string; environment: E | undefined }

/** The words for each verb in every language, longest first, so that `turn off` is not read as `turn`. */
const verbs: [string, Verb][] = [
  ['turn off', 'off'], ['switch off', 'off'], ['disable', 'off'], ['выключить', 'off'], ['выключи', 'off'], ['отключить', 'off'], ['off', 'off'],
  ['turn on', 'on'], ['switch on', 'on'], ['enable', 'on'], ['включить', 'on'], ['включи', 'on'], ['on', 'on'],
  ['kill', 'kill'], ['отключить совсем', 'kill'], ['стоп', 'kill'],
]
verbs.sort(([a], [b]) => b.length - a.length)

/** Reads a query as an action. Null where it begins with no verb. */
export function readWish<E extends { key: string; name: string }>(query: string, environments: E[]): Wish<E> | null {
  const low = query.trimStart().toLowerCase()
  const found = verbs.find(([words]) => low === words || low.startsWith(`${words} `))
  if (found === undefined) {
    return null
  }
  const rest = query.trimStart().slice(found[0].length).trim()
  const place = /^(.*?)(?:^|\s)(?:in|в|на)(?:\s+(.*))?$/i.exec(rest)
  if (place !== null) {
    const wanted = (place[2] ?? '').trim()
    const environment = wanted === '' ? undefined : rank(wanted, environments, ({ key, name }) => [key, name])[0]?.item
    if (wanted === '' || environment !== undefined) {
      return { verb: found[1], flag: (place[1] ?? '').trim(), environment }
    }
  }
  return { verb: found[1], flag: rest, environment: undefined }
}
