import { describe, expect, it } from 'vitest'
import { boundedLabel } from './metrics.ts'

describe('boundedLabel', () => {
  it('keeps the first values and folds the rest into _other', () => {
    const label = boundedLabel(2)
    expect(['a', 'b', 'c', 'a', 'd'].map(label)).toEqual(['a', 'b', '_other', 'a', '_other'])
  })
})
