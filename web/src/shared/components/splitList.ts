const quoted = /\s*(?:"((?:[^"]|"")*)"\s*(?=[,;\t]|$)|([^,;\t]*))(?:[,;\t]|$)/gy

/**
 * The values of a pasted text: one a line, or separated by commas, semicolons or tabs. What stands in quotes, as
 * spreadsheets write it, may hold separators itself.
 */
export function splitList(text: string): string[] {
  const values: string[] = []
  const add = (value: string) => {
    const trimmed = value.trim()
    if (trimmed !== '') {
      values.push(trimmed)
    }
  }
  for (const line of text.split(/[\n\r]+/)) {
    if (!line.includes('"')) {
      line.split(/[,;\t]/).forEach(add)
      continue
    }
    quoted.lastIndex = 0
    while (quoted.lastIndex < line.length) {
      const found = quoted.exec(line)
      if (found === null) {
        break
      }
      add(found[1] === undefined ? (found[2] ?? '') : found[1].replaceAll('""', '"'))
    }
  }
  return values
}
