import { numberText } from '@/shared/i18n/numbers'
import type { AlgorithmView } from './api'

/** How rewards are read: as rates where only success counts, else as numbers. */
export function rewardFormat(source: AlgorithmView['reward']['source'], language: string) {
  const rate = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 })
  return (value: number) => (source === 'outcome' ? rate.format(value) : numberText(value, language))
}

/** A share. */
export function shareFormat(language: string) {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  return (value: number) => format.format(value)
}
