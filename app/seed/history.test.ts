import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs } from '../../schemas/otlp/scan.ts'
import { FAULTS } from './faults.ts'
import { createHistory, type HistoryOptions, type HistoryRequest } from './history.ts'

const UNTIL = Date.UTC(2026, 10, 20, 15, 30)
const DAY_MS = 86_400_000
const LIMITS = {
  max_spans: 1e6,
  max_attributes: 1e6,
  max_events: 1e6,
  max_depth: 32,
  max_string_bytes: 1e9,
  max_record_bytes: 1e9,
}

const historyOf = (options: Partial<HistoryOptions> = {}) =>
  createHistory({ seed: 3, spans: 4_000, days: 7, until_ms: UNTIL, ...options })
const fingerprint = (requests: Iterable<HistoryRequest>) => {
  const hash = createHash('sha256')
  for (const { body } of requests) hash.update(body)
  return hash.digest('hex')
}
const spansOf = ({ body }: HistoryRequest) =>
  readTraces(body).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans))

describe('a made-up history', () => {
  const history = historyOf()
  const requests = [...history.requests()]
  const traces = requests.filter(({ signal }) => signal === 'traces')
  const first = traces.filter(({ repeated }) => !repeated).flatMap(spansOf)

  it('is the same again from the same seed, size and end, and another from any other', () => {
    const same = fingerprint(historyOf().requests())
    expect(fingerprint(requests)).toBe(same)
    expect(fingerprint(historyOf({ seed: 4 }).requests())).not.toBe(same)
    expect(historyOf({ until_ms: UNTIL + 60_000 }).trace_prefix).not.toBe(history.trace_prefix)
  })

  it('has as many spans as it says, each with an id of its own, all within its days', () => {
    expect(first.length).toBe(history.sent.spans)
    expect(history.sent.spans).toBeGreaterThanOrEqual(4_000)
    expect(history.sent.spans).toBeLessThan(4_020)
    expect(new Set(first.map(({ trace_id, span_id }) => trace_id + span_id)).size).toBe(first.length)
    expect(first.every(({ trace_id }) => trace_id.startsWith(history.trace_prefix))).toBe(true)
    const times = first.map((span) => Number(span.start_time_unix_nano / 1_000_000n))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(UNTIL - 7 * DAY_MS)
    expect(Math.max(...first.map((span) => Number(span.end_time_unix_nano / 1_000_000n)))).toBeLessThanOrEqual(UNTIL)
    expect([...history.days.values()].reduce((sum, { spans }) => sum + spans, 0)).toBe(first.length)
  })

  it('knows days and nights, weekdays and weekends', () => {
    const perHour = (of: (date: Date) => boolean) =>
      first.filter((span) => of(new Date(Number(span.start_time_unix_nano / 1_000_000n)))).length
    expect(perHour((date) => date.getUTCHours() === 14)).toBeGreaterThan(
      5 * perHour((date) => date.getUTCHours() === 3),
    )
    expect(perHour((date) => date.getUTCDay() === 2)).toBeGreaterThan(1.2 * perHour((date) => date.getUTCDay() === 0))
  })

  it('repeats requests byte for byte, some of them much later', () => {
    const repeated = traces.filter((request) => request.repeated)
    expect(repeated.reduce((sum, { items }) => sum + items, 0)).toBe(history.sent.repeated_spans)
    expect(repeated.length).toBeGreaterThan(0)
    const places = repeated.map((request) => {
      const earlier = requests.findIndex(({ repeated: again, body }) => !again && body.equals(request.body))
      expect(earlier).toBeGreaterThanOrEqual(0)
      return requests.indexOf(request) - earlier
    })
    expect(Math.max(...places)).toBeGreaterThan(1)
  })

  it('sends log records after the spans they belong to', () => {
    const logs = requests.filter(({ signal }) => signal === 'logs')
    expect(logs.reduce((sum, { body }) => sum + scanLogs(body, LIMITS).accepted, 0)).toBe(history.sent.log_records)
    expect(history.sent.log_records).toBeGreaterThan(0)
  })

  it('places every fault in a window of its own and says how many spans it touched', () => {
    const truth = history.truth('default')
    expect(truth.map(({ fault }) => fault).sort()).toEqual([...FAULTS].sort())
    for (const { fault, from, to, affected } of truth) {
      expect(Date.parse(from), fault).toBeLessThan(Date.parse(to))
      expect(Date.parse(from), fault).toBeGreaterThanOrEqual(UNTIL - 7 * DAY_MS)
      expect(Date.parse(to), fault).toBeLessThanOrEqual(UNTIL)
      expect(affected, fault).toBeGreaterThan(0)
    }
    const [bad] = truth.filter(({ fault }) => fault === 'bad_prompt_version')
    const times = first
      .filter(({ attributes }) => attributes.get('traceloop.prompt.version') === '7')
      .map((span) => Number(span.start_time_unix_nano / 1_000_000n))
    expect(times.length).toBeGreaterThanOrEqual(bad!.affected)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(Date.parse(bad!.from))
    // A span of a trace that began in the window may begin a little later.
    expect(Math.max(...times)).toBeLessThan(Date.parse(bad!.to) + 60_000)
  })

  it.each([
    [1, 1],
    [50, 1],
    [500, 89],
  ])('works with %i spans over %i days', (spans, days) => {
    const small = historyOf({ spans, days })
    const total = [...small.requests()].filter((r) => r.signal === 'traces' && !r.repeated)
    expect(total.reduce((sum, { items }) => sum + items, 0)).toBe(small.sent.spans)
    expect(small.sent.spans).toBeGreaterThanOrEqual(spans)
  })
})
