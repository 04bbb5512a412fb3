/** Largest file that the server takes. */
export const maximumBytes = 128 * 1024 * 1024

/** Pasted text as the server reads it: one key a line. Order and repetitions stay, the server counts those. */
export function toLines(text: string): string {
  return text
    .split(/[\n\r,;\t]+/)
    .map((key) => key.trim())
    .filter((key) => key !== '')
    .join('\n')
}

/** A size as people read it: `12.4 MB`. */
export function sizeText(bytes: number, language: string): string {
  const [unit, factor] = bytes >= 1e6 ? (['megabyte', 1e6] as const) : bytes >= 1e3 ? (['kilobyte', 1e3] as const) : (['byte', 1] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(bytes / factor)
}
