import type { components } from '@/shared/api/schema'

type Variant = components['schemas']['VariantDistribution']

/** Zeros and bins as shares of everybody in the sample. */
export function sharesOf({ units, zeros, counts }: Variant): { zero: number; bins: number[] } {
  const share = (count: number) => (units > 0 ? count / units : 0)
  return { zero: share(zeros), bins: counts.map(share) }
}

/** A bin in words: a whole number by itself, otherwise from where to where; the outermost have everything beyond them. */
export function binName(edges: readonly number[], bin: number, isWhole: boolean, text: (value: number) => string): string {
  const [from, to] = [edges[bin], edges[bin + 1]]
  if (from === undefined || to === undefined) {
    return ''
  }
  const last = edges.length - 2
  if (last === 0) {
    return text(from)
  }
  if (bin === last) {
    return `≥ ${text(from)}`
  }
  return isWhole ? `${bin === 0 ? '≤ ' : ''}${text(from)}` : bin === 0 ? `< ${text(to)}` : `${text(from)} – ${text(to)}`
}

/** The outline of a histogram in a box of a hundred by a hundred. */
export function stepsOf(shares: readonly number[], peak: number): string {
  const width = 100 / Math.max(1, shares.length)
  const top = (share: number) => (100 - (peak > 0 ? share / peak : 0) * 92).toFixed(2)
  return ['0,100', ...shares.flatMap((share, i) => [`${(i * width).toFixed(2)},${top(share)}`, `${((i + 1) * width).toFixed(2)},${top(share)}`]), '100,100'].join(' ')
}

/** Where things are in the picture of a density: `left` of a value, and the `area` between two. */
export function placesOf(from: number, to: number, heights: readonly number[]) {
  const span = to > from ? to - from : 1
  const left = (value: number) => Math.min(100, Math.max(0, ((value - from) / span) * 100))
  const steps = Math.max(1, heights.length - 1)
  const heightAt = (value: number) => {
    const at = Math.min(steps, Math.max(0, ((value - from) / span) * steps))
    const low = Math.floor(at)
    const [a, b] = [heights[low] ?? 0, heights[Math.min(steps, low + 1)] ?? 0]
    return a + (b - a) * (at - low)
  }
  const point = (value: number, height: number) => `${left(value).toFixed(2)},${(100 - height * 92).toFixed(2)}`
  const area = (lower: number, upper: number) => {
    const [a, b] = [Math.max(from, lower), Math.min(to, upper)]
    const inner = heights.flatMap((height, i) => {
      const value = from + (span * i) / steps
      return value > a && value < b ? [point(value, height)] : []
    })
    return [`${left(a).toFixed(2)},100`, point(a, heightAt(a)), ...inner, point(b, heightAt(b)), `${left(b).toFixed(2)},100`].join(' ')
  }
  return { left, area }
}
