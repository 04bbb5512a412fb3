import type { FlagItem } from '@/shared/flags/flagList'

type Words = { key: string; name: string; description: string; words: string[] }

const known = new WeakMap<FlagItem, Words>()

/** A flag's texts in lower case, made once. */
function wordsOf(item: FlagItem): Words {
  let words = known.get(item)
  if (words === undefined) {
    const key = item.key.toLowerCase()
    const name = item.name.toLowerCase()
    // `newCheckout_v2` has the words new, checkout, v2.
    const parts = `${item.key} ${item.name}`.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase()
    words = { key, name, description: item.description.toLowerCase(), words: parts.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '') }
    known.set(item, words)
  }
  return words
}

/** Whether a text is made of the beginnings of words, in their order: `nechfl` of `new-checkout-flow`. */
function isMadeOfBeginnings(text: string, words: string[]): boolean {
  // The lengths of `text` that the words so far can make. Each word extends each of them, so hostile keys cost no more than others.
  let reached = new Set([0])
  for (const word of words) {
    const next = new Set(reached)
    for (const from of reached) {
      for (let length = 1; length <= word.length && text[from + length - 1] === word[length - 1]; length++) {
        if (from + length === text.length) {
          return true
        }
        next.add(from + length)
      }
    }
    reached = next
  }
  return false
}

function rankOfWord(word: string, { key, name, description, words }: Words): number {
  if (key === word || name === word) {
    return 100
  }
  if (key.startsWith(word)) {
    return 80
  }
  if (name.startsWith(word)) {
    return 75
  }
  if (words.some((part) => part.startsWith(word))) {
    return 60
  }
  if (key.includes(word) || name.includes(word)) {
    return 40
  }
  if (word.length > 1 && isMadeOfBeginnings(word, words)) {
    return 30
  }
  return description.includes(word) ? 10 : 0
}

/** How well a flag fits a search: every word of it must be found somewhere; 0 where one is not. */
export function rank(item: FlagItem, search: string): number {
  const texts = wordsOf(item)
  let sum = 0
  for (const word of search.toLowerCase().split(/\s+/)) {
    if (word === '') {
      continue
    }
    const one = rankOfWord(word, texts)
    if (one === 0) {
      return 0
    }
    sum += one
  }
  return sum || 1
}
