import { splitList } from '@/shared/components/splitList'

/** Largest file that the server takes. */
export const maximumBytes = 128 * 1024 * 1024

/** Pasted text as the server reads it: one key a line. Order and repetitions stay, the server counts those. */
export const toLines = (text: string): string => splitList(text).join('\n')

/** Why a file cannot be a list of keys: nothing is in it, or it is no text in UTF-8 (a spreadsheet, or text as some editors save it). */
export async function faultOf(file: Blob): Promise<'empty' | 'notText' | null> {
  if (file.size === 0) {
    return 'empty'
  }
  const beginning = new Uint8Array(await file.slice(0, 256 * 1024).arrayBuffer())
  if (beginning.includes(0)) {
    return 'notText'
  }
  try {
    // The beginning may end within a character.
    new TextDecoder('utf-8', { fatal: true }).decode(beginning, { stream: true })
    return null
  } catch {
    return 'notText'
  }
}

/** A size as people read it: `12.4 MB`. */
export function sizeText(bytes: number, language: string): string {
  const [unit, factor] = bytes >= 1e6 ? (['megabyte', 1e6] as const) : bytes >= 1e3 ? (['kilobyte', 1e3] as const) : (['byte', 1] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(bytes / factor)
}
