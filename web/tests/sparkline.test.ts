import { describe, expect, it } from 'vitest'
import { sparklinePaths } from '../src/shared/components/sparklinePaths'

describe('A sparkline', () => {
  it('goes from the left to the right, with the highest number at the top', () => {
    expect(sparklinePaths([0, 10, 5], 100, 20)).toMatchObject({ line: 'M0,19L50,1L100,10', total: 15, peak: 10 })
  })

  it('is a line for one number, and nothing for none', () => {
    expect(sparklinePaths([3], 100, 20).line).toBe('M0,1L100,1')
    expect(sparklinePaths([], 100, 20)).toMatchObject({ line: '', area: '', total: 0 })
  })

  it('lies on the ground where nothing happened', () => {
    expect(sparklinePaths([0, 0], 100, 20).line).toBe('M0,19L100,19')
  })
})
