import type { components } from '@/shared/api/schema'

export type Person = { id: string; name: string }

/** A beginning of a name that somebody is typing: what stands between the last `@` and the caret. */
export type Typing = { from: number; search: string }

/** What is being typed at the caret; null where it is no mention. An `@` begins one at the start of a word only, so that addresses do not. */
export function typingAt(text: string, caret: number): Typing | null {
  const before = text.slice(0, caret)
  const found = /(?:^|[\s(])@([^@\n]{0,60})$/.exec(before)
  const search = found?.[1]
  // Names have spaces, but nothing begins with one, and nobody is called by two.
  return search === undefined || /^\s|\s\s|\s$/.test(search) ? null : { from: caret - search.length - 1, search }
}

/** The text with a name put where one was being typed, and where the caret is then. */
export function complete(text: string, caret: number, typing: Typing, name: string): { text: string; caret: number } {
  const rest = text.slice(caret)
  // One space before what follows, none before a comma.
  const space = rest === '' || /^[\p{L}\p{N}@(]/u.test(rest) ? ' ' : ''
  const written = `@${name}${space}`
  return { text: text.slice(0, typing.from) + written + rest, caret: typing.from + written.length + (space === '' && rest.startsWith(' ') ? 1 : 0) }
}

/** Those of the people who were chosen whose names are still in the text. */
export function mentioned(text: string, chosen: Person[]): Person[] {
  return [...new Map(chosen.filter(({ name }) => text.includes(`@${name}`)).map((person) => [person.id, person])).values()]
}

/** A text in pieces, those apart that mention somebody. */
export function pieces(text: string, people: readonly components['schemas']['AuditPartyView'][]): { text: string; isMention: boolean }[] {
  // Of two names that begin alike the longer one is meant.
  const names = people.map(({ name }) => `@${name}`).filter((name) => name.length > 1).sort((one, other) => other.length - one.length)
  const found: { text: string; isMention: boolean }[] = []
  let plain = ''
  for (let i = 0; i < text.length; ) {
    const name = text[i] === '@' ? names.find((item) => text.startsWith(item, i)) : undefined
    if (name === undefined) {
      plain += text[i++]
      continue
    }
    if (plain !== '') {
      found.push({ text: plain, isMention: false })
    }
    found.push({ text: name, isMention: true })
    plain = ''
    i += name.length
  }
  return plain === '' ? found : [...found, { text: plain, isMention: false }]
}
