import type { AlgorithmView } from './api'

/** How rewards are read: as rates where only success counts, else as numbers. */
export function rewardFormat(source: AlgorithmView['reward']['source'], language: string) {
  const format = source === 'outcome' ? new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }) : new Intl.NumberFormat(language, { maximumSignificantDigits: 4 })
  return (value: number) => format.format(value)
}

/** A share. */
export function shareFormat(language: string) {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  return (value: number) => format.format(value)
}
