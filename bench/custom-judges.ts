import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { openJudgeLibrary } from '../app/judge-library.ts'
import { systemClock } from '../core/clock.ts'
import { createMetrics } from '../core/metrics.ts'
import { judgesConfig } from '../judges/catalogue.ts'
import type { Judge } from '../judges/judge.ts'
import { createCustomPatternsJudge, customPatternsConfig } from '../judges/rules/custom-patterns.ts'
import { aMessage, aSpan } from '../schemas/a-span.ts'
import { createJudgeRules } from '../stream-processors/judge-rules/judge-rules.ts'

/** What a user's own pattern and module cost, each alone: time per span of 1.5 KB in requests of 1, 20 and 200 spans, the best of some rounds. */

const ROUNDS = 7
const ROUND_MS = 300
const PATTERN = { name: 'ticket', label: 'internal_id', source: '\\bTCK-\\d{4,8}\\b' }
const MODULE = `export const judge = { version: '1', evaluate: (inputs) => inputs.map(({ input }) =>
  input.texts.some(({ text }) => text.length > 100000) ? [{ label: 'long' }] : []) }`
const SENTENCE = 'The parcel left our warehouse on Tuesday morning and is on its way to the depot nearest to you. '

const directory = mkdtempSync(join(tmpdir(), 'evalforge-bench-judges-'))
writeFileSync(join(directory, 'module.mjs'), MODULE)
const custom = [{ name: 'module', file: 'module.mjs', time_limit_ms: 10_000 }]
const library = await openJudgeLibrary(judgesConfig.parse({ custom }), { clock: systemClock, directory })
const own = library.find('module')?.judge as Judge

const judging = (judges: readonly Judge[]) =>
  createJudgeRules({ judges, metrics: createMetrics(new Registry()), clock: systemClock })
const patternOf = (fields: object) =>
  createCustomPatternsJudge(customPatternsConfig.parse([{ ...PATTERN, ...fields }]))!
const sets = {
  'no judge': judging([]),
  'a pattern with literals': judging([patternOf({ literals: ['TCK-'] })]),
  'a pattern without': judging([patternOf({})]),
  'a module': judging([own]),
}

const text = SENTENCE.repeat(8).slice(0, 750)
const aCall = () =>
  aSpan({ input_messages: [aMessage('user', text)], output_messages: [aMessage('assistant', text, 'stop')] })
const rows = [1, 20, 200].flatMap((spans) => {
  const request = Array.from({ length: spans }, aCall)
  const times = new Map<string, number[]>()
  // In turns, so that what else the machine does meets all of them alike.
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, judge] of Object.entries(sets)) {
      const start = performance.now()
      let count = 0
      for (; performance.now() - start < ROUND_MS; count++) judge(request)
      times.set(name, [...(times.get(name) ?? []), (performance.now() - start) / count])
    }
  return [...times].map(([judges, all]) => {
    const best_ms = Math.min(...all)
    return { spans, judges, ms_per_request: best_ms.toFixed(3), us_per_span: ((best_ms * 1000) / spans).toFixed(1) }
  })
})
await library.close()
rmSync(directory, { recursive: true })
console.table(rows)
