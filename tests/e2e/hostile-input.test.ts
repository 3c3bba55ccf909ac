import { expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { hostileRun } from '../hostile/hostile-run.ts'
import { newState } from '../hostile/run-state.ts'
import { temporaryDirectory } from './a-pipeline.ts'

const REQUESTS = 3_000
const HOUR_MS = 3_600_000

it(`${REQUESTS} hostile requests over all doors change nothing that they should not (\`npm run fuzz\` sends a million)`, async () => {
  using directory = temporaryDirectory()
  const start_ms = systemClock.now() - HOUR_MS
  const result = await hostileRun({
    state: newState({ seed: 20_261_120, requests: REQUESTS, start_ms }),
    directory: directory.path,
    neighbour_requests_per_second: 5,
    calm_ms: 500,
    stop: new AbortController().signal,
    progress: () => {},
  })
  expect(result.failures, JSON.stringify([result.violations, result.log_errors, result.settlement])).toEqual([])
  expect(result).toMatchObject({ complete: true, sent: REQUESTS })
  expect(Object.keys(result.doors).sort()).toEqual(['admin', 'clickhouse', 'otlp-grpc', 'otlp-http', 'rest'])
  // Enough of it was taken for the account to say something.
  expect(result.settlement?.acknowledged_spans).toBeGreaterThan(300)
  expect(result.settlement?.log_records.acknowledged).toBeGreaterThan(100)
  expect(result.neighbour.acknowledged).toBeGreaterThan(0)
})
