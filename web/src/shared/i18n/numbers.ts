export type Maybe = number | null | undefined

/** Stands for what is not known; never NaN. */
export const nothing = '—'

export const isKnown = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value)

/** Numbers that nobody means, but that may come: no rows of digits. */
export const huge: Intl.NumberFormatOptions = { notation: 'scientific', maximumFractionDigits: 1 }

/** A measured number, with as many digits as say something. */
export function numberText(value: Maybe, language: string, signed = false): string {
  if (!isKnown(value)) {
    return nothing
  }
  const size = Math.abs(value)
  const digits: Intl.NumberFormatOptions =
    size >= 1e15
      ? huge
      : size >= 1e9
        ? { notation: 'compact', maximumFractionDigits: 2 }
        : size >= 1000
          ? { maximumFractionDigits: 0 }
          : size >= 10
            ? { maximumFractionDigits: 2 }
            : { maximumSignificantDigits: 4 }
  return new Intl.NumberFormat(language, { ...digits, signDisplay: signed ? 'exceptZero' : 'auto' }).format(value)
}
