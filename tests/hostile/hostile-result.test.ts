import { expect, it } from 'vitest'
import { errorLines } from './hostile-result.ts'

it('takes from a log what is severe, what ended, and what is no log line', () => {
  const line = (level: string, msg: string) => JSON.stringify({ level, process: 'ingest', msg })
  const severe = [line('error', 'a'), line('fatal', 'b'), line('warn', 'a process ended'), 'RangeError: no log line']
  expect(errorLines([line('info', 'c'), ...severe, line('warn', 'request refused'), ''].join('\n'))).toEqual(severe)
})
