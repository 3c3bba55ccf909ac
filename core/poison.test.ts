import { expect, it } from 'vitest'
import { framesOf } from './poison.ts'

it('tells where a bug is and repeats nothing of what it met', () => {
  let thrown: unknown
  try {
    JSON.parse('my card is 4929 1234')
  } catch (error) {
    thrown = error
  }
  expect(String(thrown)).toContain('my card')
  const told = framesOf(thrown)
  expect(JSON.stringify(told)).not.toContain('my card')
  expect(told.error).toBe('SyntaxError')
  expect(told.frames.length).toBeGreaterThan(0)
  expect(framesOf('text')).toEqual({ error: 'string', frames: [] })
})
