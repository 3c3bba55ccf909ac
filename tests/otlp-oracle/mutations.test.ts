import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../../core/random.ts'
import { OtlpSyntaxError } from '../../schemas/otlp/errors.ts'
import type { OtlpResourceSpans } from '../../schemas/otlp/otlp.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { type ScanResult, scanLogs, scanTraces } from '../../schemas/otlp/scan.ts'
import { tracesRequest } from './arbitrary.ts'
import { WIDE_LIMITS } from './limits.ts'
import { mutate } from './mutate.ts'
import { readTracesByOracle, tracesOf, withoutPositions, writeTracesByOracle } from './oracle.ts'

const SEED = 20261120
const MUTATIONS = 20_000
const MAX_MS = 50
const TIGHT_LIMITS = { ...WIDE_LIMITS, max_attributes: 5, max_events: 1, max_depth: 2, max_string_bytes: 50 }

const CAPTURES = join(import.meta.dirname, '../../schemas/fixtures/live-captures')
const captured = readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
  .filter((file) => /trace[^/]*\.pb$/.test(file))
  .map((file) => readFileSync(join(CAPTURES, file)))
const generated = fc.sample(tracesRequest, { numRuns: 60, seed: SEED }).map(writeTracesByOracle)
const bodies = [...captured, ...generated].filter((body) => body.length > 0)

/** The result, or undefined for OtlpSyntaxError. Any other error fails the test. */
function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof OtlpSyntaxError) return undefined
    throw error
  }
}

const countSpans = (groups: readonly OtlpResourceSpans[]) =>
  groups.flatMap((group) => group.scope_spans).reduce((count, { spans }) => count + spans.length, 0)

const countRejected = ({ rejected }: ScanResult) => rejected.reduce((sum, { count }) => sum + count, 0)

function checkBody(body: Uint8Array): OtlpResourceSpans[] | undefined {
  const groups = attempt(() => readTraces(body))
  const scanned = attempt(() => scanTraces(body, WIDE_LIMITS))
  if (scanned?.rejected.some(({ reason }) => reason === 'too_deep') !== true) {
    expect(scanned === undefined).toBe(groups === undefined)
  }
  if (groups && scanned) expect(scanned.accepted + countRejected(scanned)).toBe(countSpans(groups))
  const tight = attempt(() => scanTraces(body, { ...TIGHT_LIMITS, max_record_bytes: 1500 }))
  expect(tight === undefined).toBe(scanned === undefined)
  for (const result of [scanned, tight]) {
    if (result)
      expect(result.records.reduce((sum, record) => sum + countSpans(readTraces(record)), 0)).toBe(result.accepted)
  }
  attempt(() => scanLogs(body, TIGHT_LIMITS))
  return groups
}

test('a request cut at any byte is refused whole or ends at a border', () => {
  const smallest = captured.toSorted((a, b) => a.length - b.length)[0]!
  let refused = 0
  for (let length = 0; length < smallest.length; length++) if (!checkBody(smallest.subarray(0, length))) refused++
  expect(refused).toBe(smallest.length - 1)
})

test(`${MUTATIONS} damaged requests: reader and scan agree, in bounded time`, { timeout: 120_000 }, () => {
  const random = createRandom(SEED)
  let refused = 0
  for (let run = 0; run < MUTATIONS; run++) {
    const body = mutate(bodies[random(bodies.length)]!, random)
    const start = performance.now()
    if (!checkBody(body)) refused++
    // The machine may pause any run; only a body that is slow every time is a finding.
    if (performance.now() - start > MAX_MS) expect(fastestOf(3, () => checkBody(body))).toBeLessThan(MAX_MS)
  }
  expect(refused).toBeGreaterThan(MUTATIONS / 10)
  expect(refused).toBeLessThan(MUTATIONS * 0.9)
})

/**
 * protobuf-es takes the wire type of a known field for granted and lets a nested message reach beyond its parent, so only
 * what it writes back byte for byte has it understood.
 */
test('what protobuf-es understands of damaged requests, the reader reads alike', { timeout: 120_000 }, () => {
  const random = createRandom(SEED + 1)
  let understood = 0
  for (let run = 0; run < MUTATIONS; run++) {
    const body = mutate(bodies[random(bodies.length)]!, random)
    const request = readByOracle(body)
    if (!request || Buffer.compare(writeTracesByOracle(request), body) !== 0) continue
    understood++
    expect(withoutPositions(readTraces(body))).toEqual(tracesOf(request))
  }
  expect(understood).toBeGreaterThan(500)
})

function readByOracle(body: Uint8Array): ReturnType<typeof readTracesByOracle> | undefined {
  try {
    return readTracesByOracle(body)
  } catch {
    return undefined
  }
}

function fastestOf(runs: number, run: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY
  for (let index = 0; index < runs; index++) {
    const start = performance.now()
    run()
    fastest = Math.min(fastest, performance.now() - start)
  }
  return fastest
}
