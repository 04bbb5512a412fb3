/** The outline and the area of a course of numbers in a box, with the highest at the top and zero at the bottom. */
export function sparklinePaths(values: readonly number[], width: number, height: number) {
  const total = values.reduce((sum, value) => sum + value, 0)
  const peak = values.reduce((most, value) => Math.max(most, value), 0)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  // The line is 1.5 wide: it must not be cut at the edges.
  const y = (value: number) => round(height - 1 - (peak === 0 ? 0 : value / peak) * (height - 2))
  const points = values.length === 1 ? [0, width].map((x) => `${x},${y(values[0] ?? 0)}`) : values.map((value, i) => `${round(i * step)},${y(value)}`)
  const line = points.length === 0 ? '' : `M${points.join('L')}`
  return { line, area: line === '' ? '' : `${line}L${width},${height}L0,${height}Z`, total, peak }
}

const round = (value: number) => Math.round(value * 10) / 10
