import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OtlpSyntaxError } from '../../schemas/otlp/errors.ts'
import { encodeLogsJson, encodeTracesJson } from '../../schemas/otlp/json.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs, scanTraces } from '../../schemas/otlp/scan.ts'
import { WIDE_LIMITS } from './limits.ts'
import {
  logsFromJsonByOracle,
  readLogsByOracle,
  readTracesByOracle,
  tracesFromJsonByOracle,
  tracesOf,
  withoutPositions,
} from './oracle.ts'

const PAYLOADS = join(import.meta.dirname, '../../../shared/payloads')

interface Payload {
  readonly slug: string
  readonly file: string
  readonly spans: number
  readonly kind: string
  readonly strict_otlp_json?: boolean
}

const hasPayloads = existsSync(join(PAYLOADS, 'manifest.jsonl'))
const payloads = hasPayloads ? readManifest() : []

function readManifest(): Payload[] {
  const lines = readFileSync(join(PAYLOADS, 'manifest.jsonl'), 'utf8').trim().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as Payload)
  return rows.filter(({ kind, slug, file }) => kind === 'otlp' && existsSync(join(PAYLOADS, slug, file)))
}

const readJson = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8'))

describe.skipIf(!hasPayloads)('the collected OTLP/JSON payloads (needs ../shared/payloads)', () => {
  test('there are hundreds of them', () => {
    expect(payloads.length).toBeGreaterThan(500)
  })

  const strict = payloads.filter(({ strict_otlp_json }) => strict_otlp_json !== false)
  test.for(strict)('$slug/$file is read as protobuf-es reads it', ({ slug, file, spans }) => {
    const json = readJson(join(PAYLOADS, slug, file))
    if (json.resourceLogs) {
      expect(readLogsByOracle(encodeLogsJson(json))).toEqual(logsFromJsonByOracle(json))
      expect(scanLogs(encodeLogsJson(json), WIDE_LIMITS).rejected).toEqual([])
    }
    const body = encodeTracesJson(json)
    const groups = readTraces(body)
    expect(withoutPositions(groups)).toEqual(tracesOf(tracesFromJsonByOracle(json)))
    expect(withoutPositions(groups)).toEqual(tracesOf(readTracesByOracle(body)))
    expect(countSpans(groups)).toBe(spans)
    const { accepted, rejected } = scanTraces(body, WIDE_LIMITS)
    const invalid = countInvalidIds(groups)
    expect(accepted).toBe(spans - invalid)
    expect(rejected).toEqual(invalid > 0 ? [{ reason: 'invalid_id', count: invalid }] : [])
  })

  const malformed = payloads.filter(({ strict_otlp_json }) => strict_otlp_json === false)
  test.for(malformed)('$slug/$file is not strict OTLP/JSON: refused with a path, or read', ({ slug, file }) => {
    const outcome = encodeOrError(readJson(join(PAYLOADS, slug, file)))
    if (outcome instanceof OtlpSyntaxError) expect(outcome.path).toMatch(/^(the root|resourceSpans)/)
    else expect(scanTraces(outcome, WIDE_LIMITS).accepted).toBe(countSpans(readTraces(outcome)))
  })
})

const countSpans = (groups: ReturnType<typeof readTraces>) =>
  groups.flatMap((group) => group.scope_spans).reduce((count, { spans }) => count + spans.length, 0)

function countInvalidIds(groups: ReturnType<typeof readTraces>): number {
  const spans = groups.flatMap((group) => group.scope_spans).flatMap((scope) => scope.spans)
  const isId = (id: string, length: number) => id.length === length && /[^0]/.test(id)
  return spans.filter(({ trace_id, span_id }) => !isId(trace_id, 32) || !isId(span_id, 16)).length
}

function encodeOrError(json: unknown): Uint8Array | OtlpSyntaxError {
  try {
    return encodeTracesJson(json)
  } catch (error) {
    if (error instanceof OtlpSyntaxError) return error
    throw error
  }
}
