const flagKey = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/
const segmentKey = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/
const simpleKey = /^[a-z0-9][a-z0-9-]{0,49}$/

export const isFlagKey = (key: string) => flagKey.test(key)
/** Keys of segments and attributes: a flag's pattern without the colon. */
export const isSegmentKey = (key: string) => segmentKey.test(key)
/** Keys of projects, environments, categories and tags. */
export const isSimpleKey = (key: string) => simpleKey.test(key)

const cyrillic: Record<string, string> = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'i', к: 'k', л: 'l', м: 'm',
  н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'h', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'sch', ъ: '',
  ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya',
}

/** A key made from a name: `New Checkout!` becomes `new-checkout`, also for names in Cyrillic or with accents. */
export function suggestKey(name: string, longest = 50): string {
  return name
    .toLowerCase()
    .replace(/[а-яё]/g, (letter) => cyrillic[letter] ?? '')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, longest)
    .replace(/-+$/, '')
}
