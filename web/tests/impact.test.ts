import { describe, expect, it } from 'vitest'
import { changesOf, percent } from '@/shared/impact/impact'

describe('Shares', () => {
  it('have as many digits as mean something', () => {
    expect([0, 1, 0.412, 0.0412, 0.00412, 0.00004].map((share) => percent(share, 'en'))).toEqual(['0%', '100%', '41%', '4.1%', '0.41%', '0.00%'])
    expect(percent(0.0412, 'ru').replace(/\s/g, ' ')).toBe('4,1 %')
  })
})

describe('Flows', () => {
  it('are changes where somebody gets something else, also by the same name', () => {
    const flows = [
      { from: 'on', to: 'on', contexts: 5, isChange: false },
      { from: 'on', to: 'on', contexts: 2, isChange: true },
      { from: null, to: 'on', contexts: 1, isChange: true },
    ]
    expect(changesOf({ flag: 'f', isDirect: true, changed: 3, flows })).toHaveLength(2)
  })
})
