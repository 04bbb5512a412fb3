/** A length of time as people say it, in the largest unit that fits. */
export function secondsText(seconds: number, language: string): string {
  const [value, unit] = seconds < 120 ? [Math.round(seconds), 'second'] : seconds < 7200 ? [Math.round(seconds / 60), 'minute'] : seconds < 172_800 ? [Math.round(seconds / 360) / 10, 'hour'] : [Math.round(seconds / 8640) / 10, 'day']
  return new Intl.NumberFormat(language, { style: 'unit', unit: String(unit), unitDisplay: 'short', maximumFractionDigits: 1 }).format(Number(value))
}
