import { expect, it } from 'vitest'
import { activeTraceparent, inSpan, startSpan } from './tracing.ts'

it('costs a call and no more while nothing traces: no span, no context', async () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(startSpan('work', { parent })).toBeNull()
  const seen = await inSpan('work', { parent }, async (span) => [span, activeTraceparent()])
  expect(seen).toEqual([null, undefined])
  await expect(inSpan('work', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
})
