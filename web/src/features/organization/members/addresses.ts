/** E-mail addresses in a pasted text: separated by anything that people put between them, also as `Ann <ann@x.org>`. */
export function readAddresses(text: string): { good: string[]; bad: string[] } {
  const good: string[] = []
  const bad: string[] = []
  for (const part of text.split(/[\s,;]+/)) {
    const address = part.replace(/^[<"'(]+|[>"')]+$/g, '')
    if (/^[^@<>]+@[^@<>]+\.[^@<>.]+$/.test(address) && address.length <= 254) {
      if (!good.some((known) => known.toLowerCase() === address.toLowerCase())) {
        good.push(address)
      }
    } else if (address.includes('@')) {
      bad.push(address)
    } else if (address !== '' && !text.includes('<')) {
      bad.push(address)
    }
  }
  return { good, bad }
}
