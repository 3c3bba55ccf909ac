import { expect, it } from 'vitest'
import { type IstanbulFile, lineHits, rangesOf, type V8Record } from './line-hits.ts'

const TEXT = 'a()\nif (b) {\n  c()\n}\nfunction d() {\n  e()\n}\n'
const FILE: IstanbulFile = {
  path: '/a.ts',
  statementMap: {
    0: { start: { line: 1, column: 0 } },
    1: { start: { line: 3, column: 2 } },
    2: { start: { line: 6, column: 2 } },
  },
  s: { 0: 1, 1: 0, 2: 0 },
}
const child = (block: number, called: number): V8Record => ({
  result: [
    { url: 'file:///other.ts', functions: [{ ranges: [{ startOffset: 0, endOffset: 99, count: 9 }] }] },
    {
      url: 'file:///a.ts',
      functions: [
        {
          ranges: [
            { startOffset: 0, endOffset: TEXT.length, count: 1 },
            { startOffset: 11, endOffset: 20, count: block },
          ],
        },
        { ranges: [{ startOffset: 21, endOffset: 43, count: called }] },
      ],
    },
  ],
})
const hitsWith = (...records: V8Record[]) =>
  Object.fromEntries(
    lineHits(
      FILE,
      TEXT,
      records.map((record) => rangesOf(record, 'file:///a.ts')),
    ),
  )

it('counts a line that ran in the tests or in any process they started', () => {
  expect(hitsWith()).toEqual({ 1: true, 3: false, 6: false })
  expect(hitsWith(child(0, 0))).toEqual({ 1: true, 3: false, 6: false })
  expect(hitsWith(child(1, 0), child(0, 2))).toEqual({ 1: true, 3: true, 6: true })
})
