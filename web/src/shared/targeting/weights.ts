import type { Variation } from './model'

/** All shares together, in hundredths of a percent: the precision of a bucket. */
export const whole = 10_000

/** Weights as shares in hundredths of a percent that add up to {@link whole}, by the largest remainder. */
export function toShares(variations: Variation[]): number[] {
  const sum = variations.reduce((total, { weight }) => total + weight, 0)
  if (sum <= 0) {
    return evenShares(variations.length)
  }
  const exact = variations.map(({ weight }) => (weight * whole) / sum)
  const shares = exact.map(Math.floor)
  const order = exact.map((share, index) => ({ index, rest: share - Math.floor(share) })).sort((a, b) => b.rest - a.rest)
  let left = whole - shares.reduce((total, share) => total + share, 0)
  for (const { index } of order) {
    if (left === 0) {
      break
    }
    shares[index] = (shares[index] ?? 0) + 1
    left -= 1
  }
  return shares
}

/** Shares as weights: whole percents where they are, hundredths where they are not. */
export function toWeights(keys: string[], shares: number[]): Variation[] {
  const divisor = shares.every((share) => share % 100 === 0) ? 100 : 1
  return keys.map((key, index) => ({ key, weight: (shares[index] ?? 0) / divisor }))
}

export function evenShares(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor(whole / count) + (index < whole % count ? 1 : 0))
}

/**
 * The shares after one of them was set. What it gains or loses comes from the following ones first and then from the
 * preceding ones, nearest first, so that as few people as possible change their variant.
 */
export function setShare(shares: number[], index: number, share: number): number[] {
  const result = [...shares]
  const wanted = Math.max(0, Math.min(whole, Math.round(share)))
  let owed = wanted - (result[index] ?? 0)
  result[index] = wanted
  const others = [
    ...shares.map((_, other) => other).slice(index + 1),
    ...shares.map((_, other) => other).slice(0, index).reverse(),
  ]
  for (const other of others) {
    if (owed === 0) {
      break
    }
    const before = result[other] ?? 0
    const after = Math.max(0, Math.min(whole, before - owed))
    result[other] = after
    owed -= before - after
  }
  return result
}
