import type { AlgorithmHistoryView, BanditState } from './api'

/** A stretch of time in which the shares stayed as they were; times are parts of the whole, from 0 to 1. */
export type Stretch = { from: number; to: number; at: string; version: number; shares: number[] }

/** The shares over time in a context, one after the other. What began before the first moment begins with it. */
export function stretchesOf({ from, to, steps }: Pick<AlgorithmHistoryView, 'from' | 'to' | 'steps'>, cell: string, arms: readonly string[]): Stretch[] {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const place = (time: number) => (end <= begin ? 0 : Math.min(1, Math.max(0, (time - begin) / (end - begin))))
  return steps
    .map((step, i) => {
      const found = step.cells.find((item) => item.cell === cell)?.arms
      const next = steps[i + 1]
      return {
        from: place(Date.parse(step.at)),
        to: next === undefined ? 1 : place(Date.parse(next.at)),
        at: step.at,
        version: step.version,
        shares: arms.map((arm) => found?.find(({ variant }) => variant === arm)?.weight ?? 0),
      }
    })
    .filter(({ from: start, to: stop }) => stop > start)
}

/** The area of one arm on those before it, as an SVG path in a square of 100: shares jump, they do not glide. */
export function areaOf(stretches: readonly Stretch[], arm: number): string {
  const sum = (shares: readonly number[], count: number) => shares.slice(0, count).reduce((total, share) => total + share, 0)
  const point = (x: number, y: number) => `${(x * 100).toFixed(3)},${(100 - Math.min(1, y) * 100).toFixed(3)}`
  const above = stretches.flatMap(({ from, to, shares }) => [point(from, sum(shares, arm + 1)), point(to, sum(shares, arm + 1))])
  const below = stretches.flatMap(({ from, to, shares }) => [point(from, sum(shares, arm)), point(to, sum(shares, arm))]).reverse()
  return above.length === 0 ? '' : `M${[...above, ...below].join('L')}Z`
}

/** The densities of all arms on one scale. */
export function densitiesOf(arms: BanditState['arms']): { low: number; high: number; lines: { variant: string; points: string; mean: number }[] } | null {
  const all = arms.flatMap(({ belief }) => belief.density)
  if (all.length === 0) {
    return null
  }
  const low = Math.min(...all.map(({ x }) => x))
  const high = Math.max(...all.map(({ x }) => x))
  const peak = Math.max(...all.map(({ y }) => y))
  if (high <= low || peak <= 0) {
    return null
  }
  const place = (x: number) => ((x - low) / (high - low)) * 100
  return {
    low,
    high,
    lines: arms.map(({ variant, belief }) => ({
      variant,
      points: belief.density.map(({ x, y }) => `${place(x).toFixed(2)},${(100 - (y / peak) * 92).toFixed(2)}`).join(' '),
      mean: place(belief.mean),
    })),
  }
}

/** The span of a history that the algorithm was there: before, there is nothing to draw. */
export const since = (history: AlgorithmHistoryView, startedAt: string): AlgorithmHistoryView => (Date.parse(startedAt) > Date.parse(history.from) ? { ...history, from: startedAt } : history)

/** Lines of what was lost over time: by the algorithm, and by equal shares. A period tells what was lost by its end; at its start an algorithm has lost nothing. */
export function regretOf({ from, to, periods }: Pick<AlgorithmHistoryView, 'from' | 'to' | 'periods'>, startedAt: string): { own: string; uniform: string } | null {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const start = Date.parse(startedAt) >= begin ? [{ at: begin, regret: 0, uniformRegret: 0 }] : []
  const points = [...start, ...periods.map(({ regret, uniformRegret }, i) => ({ at: Math.min(end, Date.parse(periods[i + 1]?.at ?? to)), regret, uniformRegret }))]
  const peak = Math.max(0, ...points.flatMap(({ regret, uniformRegret }) => [regret, uniformRegret]))
  if (points.length < 2 || peak <= 0 || end <= begin) {
    return null
  }
  const line = (of: (point: (typeof points)[number]) => number) =>
    points.map((point) => `${(Math.max(0, (point.at - begin) / (end - begin)) * 100).toFixed(2)},${(100 - (Math.max(0, of(point)) / peak) * 92).toFixed(2)}`).join(' ')
  return { own: line(({ regret }) => regret), uniform: line(({ uniformRegret }) => uniformRegret) }
}
