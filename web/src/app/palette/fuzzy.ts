/** Keys and names are shorter; whatever follows is not searched. */
const longest = 200

/** How well a text answers a query; higher is better. Null where it does not. */
export function score(query: string, whole: string): number | null {
  const text = whole.slice(0, longest)
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) {
    return 0
  }
  const low = text.toLowerCase()
  let sum = 0
  for (const word of words) {
    const one = scoreWord(word, low, text)
    if (one === null) {
      return null
    }
    sum += one
  }
  // Of two equally good ones the shorter is meant more often.
  return sum / words.length - text.length / 1000
}

function scoreWord(word: string, low: string, text: string): number | null {
  const at = low.indexOf(word)
  if (at === 0) {
    return word.length === low.length ? 120 : 100
  }
  if (at > 0) {
    // A later occurrence may begin a part: `out` in `checkout-out`.
    for (let next = at; next > 0; next = low.indexOf(word, next + 1)) {
      if (isStart(text, next)) {
        return 85
      }
    }
    return 65
  }
  return scoreParts(word, low, text)
}

/** `nch` finds `new-checkout`: every letter begins a part of the key or follows the letter before it. */
function scoreParts(word: string, low: string, text: string): number | null {
  const starts: number[] = []
  for (let index = 0; index < low.length; index += 1) {
    if (isStart(text, index)) {
      starts.push(index)
    }
  }
  // For each place in the text where the letters so far can end: how often they jumped to get there.
  let ends: number[] = Array.from(low, () => Infinity)
  for (const start of starts) {
    ends[start] = low[start] === word[0] ? 0 : Infinity
  }
  for (let letter = 1; letter < word.length; letter += 1) {
    const next: number[] = Array.from(low, () => Infinity)
    let fewest = Infinity
    for (let index = 1, start = 0; index < low.length; index += 1) {
      while ((starts[start] ?? Infinity) < index) {
        start += 1
      }
      if (low[index] === word[letter]) {
        next[index] = Math.min(ends[index - 1] ?? Infinity, starts[start] === index ? fewest + 1 : Infinity)
      }
      fewest = Math.min(fewest, ends[index - 1] ?? Infinity)
    }
    ends = next
  }
  const jumps = Math.min(...ends)
  return jumps === Infinity ? null : 50 - 4 * jumps
}

function isStart(text: string, index: number): boolean {
  if (index === 0) {
    return true
  }
  const before = text[index - 1] ?? ''
  const here = text[index] ?? ''
  if (!/[\p{L}\p{N}]/u.test(here)) {
    return false
  }
  return !/[\p{L}\p{N}]/u.test(before) || (/\p{Lu}/u.test(here) && /\p{Ll}/u.test(before)) || (/\p{N}/u.test(here) && /\p{L}/u.test(before))
}

/** The items that answer a query, best first; all of them, in their order, for an empty one. */
export function rank<T>(query: string, items: T[], texts: (item: T) => string[]): { item: T; score: number }[] {
  const found = items.flatMap((item) => {
    const scores = texts(item).map((text, index) => {
      const one = score(query, text)
      // The first text (the key) counts most.
      return one === null ? null : one - index * 3
    })
    const best = scores.reduce((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null)
    return best === null ? [] : [{ item, score: best }]
  })
  return query.trim() === '' ? found : found.sort((a, b) => b.score - a.score)
}

/** Whether a longer text has every word of a query. */
export function mentions(query: string, text: string): boolean {
  const low = text.toLowerCase()
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return words.length > 0 && words.every((word) => low.includes(word))
}
