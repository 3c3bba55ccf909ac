import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MigratedStore, openMigratedStore } from '../../adapters/store/chdb/migrated-store.fixture.ts'
import type { Store } from '../../adapters/store/store.ts'
import { systemClock } from '../../core/clock.ts'
import type { Delivery, Range, SourceRecord } from '../../core/component.ts'
import { CodedError } from '../../core/errors.ts'
import { createMetrics } from '../../core/metrics.ts'
import { aJudgedSpan, aMessage } from '../../schemas/a-span.ts'
import type { Verdict } from '../../schemas/evaluation.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { spanVersion } from '../../schemas/llm-span.ts'
import { createClickhouseSink } from './clickhouse.ts'
import { createLedger, SPAN_LEDGER, spanChecksum } from './ledger.ts'
import { MAX_DAYS_PER_PIECE } from './piece-writer.ts'
import { type ReconcileOptions, reconcile } from './reconcile.ts'
import { createSpansHourly } from './spans-hourly.ts'

const DAY_NS = 86_400_000_000_000n
const identity = { pipeline_version: 'test', config_offset: 7n }
const record = {} as SourceRecord

let opened: MigratedStore
let store: Store
let nextOffset = 0n

beforeAll(async () => {
  opened = await openMigratedStore()
  store = opened.store
})
afterAll(() => opened.close())

function rangeOf(items: number): Range {
  const start = nextOffset
  nextOffset += 1n
  const at = 1_790_000_001_000
  return {
    ...identity,
    topic: 'otlp_spans',
    partition: 0,
    start,
    end: nextOffset,
    first_append_time: at,
    last_append_time: at,
    records: 1,
    items,
    rejects: 0,
  }
}

/** One range through the sink and the ledger, `times` times, as a replay after a crash does. */
async function deliver(
  items: readonly JudgedSpan[],
  { times = 1, ledger = createLedger(store, SPAN_LEDGER) }: { times?: number; ledger?: Delivery<JudgedSpan> } = {},
): Promise<Range> {
  const range = rangeOf(items.length)
  const sink = createClickhouseSink({ store, metrics: createMetrics(new Registry()), clock: systemClock })
  for (let time = 0; time < times; time++) {
    const open = sink.open(identity)
    const witness = ledger.open(identity)
    for (const item of items) {
      open.add(item, record)
      witness.add(item, record)
    }
    await open.deliver(range)
    await witness.deliver(range)
  }
  return range
}

async function one<Row>(sql: string): Promise<Row> {
  const [row] = await store.query<Row>(sql)
  if (!row) throw new Error(`no row: ${sql}`)
  return row
}

const failed: Verdict = {
  label: 'email',
  score: 0.25,
  passed: false,
  severity: 'high',
  confidence: 0.9,
  explanation: 'e-mail address in the answer',
  evidence: [{ path: 'output/0/0', start: 3, end: 9 }],
  cost_usd: null,
  error: '',
}

describe('the ClickHouse sink', () => {
  it('writes every column where it belongs', async () => {
    const text = 'line\n\nwith blank line, emoji 🦊, NUL \0, quote " and backslash \\'
    await deliver([
      aJudgedSpan(
        {
          project: 'columns',
          parent_span_id: '00f067aa0ba902b7',
          status: 'error',
          error_type: 'rate_limit',
          error_message: text,
          time_to_first_token_ms: 12.5,
          input_tokens: 2 ** 40,
          output_tokens: null,
          tags: ['a', 'b'],
          finish_reasons: ['stop', 'length'],
          system_instructions: text,
          input_messages: [aMessage('user', text)],
          documents: [{ id: 'd1', content: text, score: 0.5 }],
          attributes: new Map([
            ['http.route', '/chat'],
            ['empty', ''],
          ]),
        },
        {
          evaluations: [
            { judge: 'pii', judge_version: '2', tier: 'rule', track: 'live', verdicts: [failed] },
            {
              judge: 'refusal',
              judge_version: '1',
              tier: 'rule',
              track: 'live',
              verdicts: [{ ...failed, passed: true, label: '', score: 1, explanation: '', evidence: [] }],
            },
            {
              judge: 'broken',
              judge_version: '1',
              tier: 'rule',
              track: 'live',
              verdicts: [{ ...failed, passed: null, score: null, error: 'UNEXPECTED: x' }],
            },
          ],
          outcome: { passed: false, severity: 'high', quality_score: 0.25, deciding_judges: ['pii', 'broken'] },
        },
      ),
    ])
    const span = await one<Record<string, unknown>>(`SELECT * FROM spans WHERE project = 'columns'`)
    expect(span).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      parent_span_id: '00f067aa0ba902b7',
      version: String(spanVersion(1, 1_790_000_001_000)),
      start_time: '2026-09-21 14:13:20.000000000',
      hour: '2026-09-21 14:00:00',
      duration_ms: 850,
      received_at: '2026-09-21 14:13:21.000',
      status: 'error',
      error_message: text,
      time_to_first_token_ms: 12.5,
      input_tokens: String(2 ** 40),
      output_tokens: null,
      cost_usd: 0.00000885,
      parameters: '{"temperature":0.2,"max_tokens":256}',
      tags: ['a', 'b'],
      finish_reasons: ['stop', 'length'],
      model: 'gpt-4o-mini-2024-07-18',
      'rule_evaluations.judge': ['pii', 'refusal', 'broken'],
      'rule_evaluations.judge_version': ['2', '1', '1'],
      'rule_evaluations.outcome': ['failed', 'passed', 'error'],
      'verdicts.judge': ['pii', 'broken'],
      'verdicts.label': ['email', 'email'],
      'verdicts.score': [0.25, null],
      'verdicts.passed': [false, null],
      'verdicts.severity': ['high', 'high'],
      'verdicts.confidence': [0.9, 0.9],
      'verdicts.explanation': [failed.explanation, failed.explanation],
      'verdicts.error': ['', 'UNEXPECTED: x'],
      passed: false,
      severity: 'high',
      quality_score: 0.25,
      deciding_judges: ['pii', 'broken'],
      pipeline_version: 'test',
      config_version: '7',
    })
    expect(span['verdicts.evidence']).toEqual([
      [{ path: 'output/0/0', start: 3, end: 9 }],
      [{ path: 'output/0/0', start: 3, end: 9 }],
    ])
    const texts = await one<Record<string, string>>(`SELECT * FROM span_texts WHERE project = 'columns'`)
    expect(texts.system_instructions).toBe(text)
    expect(JSON.parse(texts.input_messages!)).toEqual([{ role: 'user', parts: [{ type: 'text', content: text }] }])
    expect(JSON.parse(texts.documents!)).toEqual([{ id: 'd1', content: text, score: 0.5 }])
    expect(texts.attributes).toEqual({ 'http.route': '/chat', empty: '' })
    const evaluations = await store.query(
      `SELECT judge, outcome, labels, scores, errors FROM all_evaluations WHERE project = 'columns' ORDER BY judge`,
    )
    expect(evaluations).toEqual([
      { judge: 'broken', outcome: 'error', labels: ['email'], scores: [null], errors: ['UNEXPECTED: x'] },
      { judge: 'pii', outcome: 'failed', labels: ['email'], scores: [0.25], errors: [''] },
      { judge: 'refusal', outcome: 'passed', labels: [], scores: [], errors: [] },
    ])
  })

  it('leaves one copy of a range that is delivered again, physically too', async () => {
    const items = ['1', '2', '3'].map((digit) => aJudgedSpan({ project: 'again', span_id: digit.repeat(16) }))
    await deliver(items, { times: 3 })
    expect(await one(`SELECT toString(count()) AS rows FROM spans_rows WHERE project = 'again'`)).toEqual({ rows: '3' })
    expect(await one(`SELECT toString(count()) AS rows FROM span_texts_rows WHERE project = 'again'`)).toEqual({
      rows: '3',
    })
  })

  it('collapses by key what comes in another range: retries, and a fuller revision wins', async () => {
    const unfinished = aJudgedSpan({ project: 'keys', name: 'unfinished', version: spanVersion(0, 1_790_000_009_000) })
    const finished = aJudgedSpan({ project: 'keys', name: 'finished', version: spanVersion(1, 1_790_000_001_000) })
    for (const item of [finished, unfinished, finished]) await deliver([item])
    expect(await store.query(`SELECT name FROM spans WHERE project = 'keys'`)).toEqual([{ name: 'finished' }])
  })

  it('stores what a new log holds at the offsets of a deleted one', async () => {
    const range = rangeOf(1)
    for (const [digit, at] of [['1', range.last_append_time] as const, ['2', range.last_append_time + 1] as const]) {
      const sink = createClickhouseSink({ store, metrics: createMetrics(new Registry()), clock: systemClock })
      const [open, witness] = [sink.open(identity), createLedger(store, SPAN_LEDGER).open(identity)]
      const item = aJudgedSpan({ project: 'new-log', span_id: digit.repeat(16) })
      for (const delivery of [open, witness]) delivery.add(item, record)
      for (const delivery of [open, witness]) await delivery.deliver({ ...range, last_append_time: at })
    }
    expect(await one(`SELECT toString(count()) AS spans FROM spans WHERE project = 'new-log'`)).toEqual({ spans: '2' })
  })

  it('counts the rows of a range once, however often it is tried', async () => {
    const metrics = createMetrics(new Registry())
    let refused = false
    const flaky: Store = {
      ...store,
      async insert(batch) {
        if (batch.table === 'spans_rows' && !refused) {
          refused = true
          throw new CodedError('STORE_UNAVAILABLE')
        }
        return store.insert(batch)
      },
    }
    const open = createClickhouseSink({ store: flaky, metrics, clock: systemClock }).open(identity)
    open.add(aJudgedSpan({ project: 'once' }), record)
    const range = rangeOf(1)
    await expect(open.deliver(range)).rejects.toThrow()
    await open.deliver(range)
    await createLedger(store, SPAN_LEDGER).open(identity).deliver(range)
    const { values } = await metrics.emitted.get()
    expect(values.map(({ labels, value }) => [labels.to, value])).toEqual([
      ['span_texts_rows', 1],
      ['spans_rows', 1],
    ])
  })

  it('takes 150 days in one range, in pieces, and again after a crash', async () => {
    const newest = 1_790_000_000_000_000_000n
    const items = Array.from({ length: 150 }, (_, day) =>
      aJudgedSpan({
        project: 'days',
        span_id: String(day).padStart(16, '0'),
        start_time: newest - BigInt(day) * DAY_NS,
        end_time: newest - BigInt(day) * DAY_NS,
      }),
    )
    expect(items.length).toBeGreaterThan(2 * MAX_DAYS_PER_PIECE)
    await deliver(items, { times: 2 })
    expect(await one(`SELECT toString(count()) AS rows FROM spans_rows WHERE project = 'days'`)).toEqual({
      rows: '150',
    })
  })

  it('counts a call once when another call lies directly inside it, also across midnight', async () => {
    const midnight = 1_789_948_800_000_000_000n
    const outer = {
      project: 'usage',
      span_id: 'a'.repeat(16),
      start_time: midnight - 1_000_000n,
      end_time: midnight + 5_000_000n,
    }
    const inner = {
      ...outer,
      span_id: 'b'.repeat(16),
      parent_span_id: outer.span_id,
      start_time: midnight + 1_000_000n,
    }
    const alone = { ...outer, span_id: 'c'.repeat(16) }
    await deliver([aJudgedSpan(outer)])
    await deliver([aJudgedSpan(inner), aJudgedSpan(alone)])
    expect(
      await store.query(`SELECT span_id, input_tokens FROM usage WHERE project = 'usage' ORDER BY span_id`),
    ).toEqual([
      { span_id: inner.span_id, input_tokens: '19' },
      { span_id: alone.span_id, input_tokens: '19' },
    ])
  })

  it('leaves nothing of a span whose row cannot be written', async () => {
    const sink = createClickhouseSink({ store, metrics: createMetrics(new Registry()), clock: systemClock })
    const open = sink.open(identity)
    const broken = aJudgedSpan({ project: 'broken', span_id: 'e'.repeat(16), deciding_judges: undefined } as never, {
      outcome: undefined as never,
    })
    expect(() => open.add(broken, record)).toThrow()
    open.add(aJudgedSpan({ project: 'broken', span_id: 'f'.repeat(16) }), record)
    const range = rangeOf(1)
    await open.deliver(range)
    await createLedger(store, SPAN_LEDGER).open(identity).deliver(range)
    expect(await store.query(`SELECT span_id FROM spans WHERE project = 'broken'`)).toEqual([
      { span_id: 'f'.repeat(16) },
    ])
  })
})

describe('the traces view', () => {
  it('fails a trace with a failure, and does not pass one with an error', async () => {
    const trace = (digit: string, passed: readonly (boolean | null)[]) =>
      passed.map((outcome, index) =>
        aJudgedSpan(
          { project: 'traces', trace_id: digit.repeat(32), span_id: `${digit}${index}`.repeat(8) },
          {
            evaluations: [{ judge: 'pii', judge_version: '1', tier: 'rule', track: 'live', verdicts: [] }],
            outcome: {
              passed: outcome,
              severity: outcome === false ? 'high' : 'none',
              quality_score: null,
              deciding_judges: outcome === false ? ['pii'] : [],
            },
          },
        ),
      )
    await deliver([...trace('1', [true, true]), ...trace('2', [true, false, null]), ...trace('3', [true, null])])
    expect(
      await store.query(
        `SELECT substring(trace_id, 1, 1) AS trace, passed, severity, deciding_judges, toString(spans) AS spans FROM traces WHERE project = 'traces' ORDER BY trace_id`,
      ),
    ).toEqual([
      { trace: '1', passed: true, severity: 'none', deciding_judges: [], spans: '2' },
      { trace: '2', passed: false, severity: 'high', deciding_judges: ['pii'], spans: '3' },
      { trace: '3', passed: null, severity: 'none', deciding_judges: [], spans: '2' },
    ])
  })
})

describe('spans_hourly', () => {
  const sums = `SELECT model, toString(sum(spans)) AS spans, toString(sum(calls)) AS calls, toString(sum(input_tokens)) AS input_tokens
    FROM spans_hourly WHERE project = 'hourly' GROUP BY model ORDER BY model`

  it('recomputes whole hours, so that corrections and repeats never add up', async () => {
    const hourly = createSpansHourly({ store, clock: systemClock })
    const touch = (items: readonly JudgedSpan[]) =>
      deliver(items, { ledger: hourly.following(createLedger(store, SPAN_LEDGER), SPAN_LEDGER) })
    const span = (digit: string, given = {}) =>
      aJudgedSpan({ project: 'hourly', span_id: digit.repeat(16), response_model: 'first', ...given })
    await touch([span('1'), span('2'), span('3', { is_call: false, input_tokens: null })])
    expect(await hourly.refresh()).toBe(1)
    expect(await store.query(sums)).toEqual([{ model: 'first', spans: '3', calls: '2', input_tokens: '38' }])
    const corrected = { response_model: 'second', version: spanVersion(2, 1) }
    await touch([
      span('1', corrected),
      span('2', corrected),
      span('3', { ...corrected, is_call: false, input_tokens: null }),
    ])
    await hourly.refresh()
    expect(await store.query(sums)).toEqual([{ model: 'second', spans: '3', calls: '2', input_tokens: '38' }])
    expect(await hourly.refresh()).toBe(0)
  })

  it('counts calls as view usage does, also where a call lies inside a call', async () => {
    const hourly = createSpansHourly({ store, clock: systemClock })
    const [outer, inner] = ['a', 'b'].map((digit) => digit.repeat(16))
    const of = (given: object) => aJudgedSpan({ project: 'nested', ...given })
    await deliver([of({ span_id: outer }), of({ span_id: inner, parent_span_id: outer })], {
      ledger: hourly.following(createLedger(store, SPAN_LEDGER), SPAN_LEDGER),
    })
    await hourly.refresh()
    expect(
      await one(
        `SELECT toString(sum(calls)) AS calls, toString(sum(spans)) AS spans FROM spans_hourly WHERE project = 'nested'`,
      ),
    ).toEqual({ calls: '1', spans: '2' })
  })

  it('finds after a restart what was committed but not rolled up', async () => {
    await deliver([aJudgedSpan({ project: 'hourly', span_id: '4'.repeat(16), response_model: 'third' })])
    const restarted = createSpansHourly({ store, clock: systemClock })
    await restarted.resume()
    await restarted.refresh()
    expect(await store.query(sums)).toContainEqual({ model: 'third', spans: '1', calls: '1', input_tokens: '19' })
  })

  it('finds it also where the clock was set back after the newest generation', async () => {
    await store.execute(
      `INSERT INTO spans_hourly_rows (project, hour, generation) VALUES ('ahead', '2026-01-01 00:00:00', 4102444800000)`,
    )
    await deliver([aJudgedSpan({ project: 'hourly', span_id: '5'.repeat(16), response_model: 'fourth' })])
    const restarted = createSpansHourly({ store, clock: systemClock })
    await restarted.resume()
    await restarted.refresh()
    expect(await store.query(sums)).toContainEqual({ model: 'fourth', spans: '1', calls: '1', input_tokens: '19' })
  })
})

describe('the reconciler', () => {
  const AT = 1_790_000_001_000
  const identityOf = (digit: string) => ({ project: 'ledger', trace_id: 'd'.repeat(32), span_id: digit.repeat(16) })
  const start_time = 1_790_000_000_000_000_000n

  /** Stands in for the log: what each offset of partition 0 says must be stored. */
  function options(
    said: ReadonlyMap<bigint, readonly string[]>,
    { known = identity, ...given }: Partial<ReconcileOptions> & { known?: typeof identity } = {},
  ): ReconcileOptions {
    const offsets = [...said.keys()]
    return {
      store,
      topic: 'otlp_spans',
      full: true,
      since: () => ({ offset: 0n, covered: false }),
      share: 1,
      draw: () => 0,
      places: async () => [{ partition: 0, start: 0n, end: nextOffset, committed: null }],
      fetch: async (_partition, start, end) =>
        offsets
          .filter((offset) => offset >= start && offset < end)
          .map((offset) => ({ offset, timestamp_ms: AT }) as SourceRecord),
      reading: async (written) => ({
        identify: ({ offset }) => said.get(offset)!.map((digit) => ({ ...identityOf(digit), start_time })),
        exact: written.pipeline_version === known.pipeline_version && written.config_offset === known.config_offset,
      }),
      kept_since: 0,
      pending: async () => [],
      now: 0,
      late_after_ms: 1_000,
      ...given,
    }
  }

  it('reads 0 lost where all is well, and names what is missing where it is not', async () => {
    const range = await deliver([
      aJudgedSpan(identityOf('1')),
      aJudgedSpan(identityOf('2')),
      aJudgedSpan(identityOf('2')),
    ])
    const well = await reconcile(options(new Map([[range.start, ['1', '2', '2']]])))
    expect(well).toMatchObject({
      lost: 0,
      duplicated: 0,
      collapsed: 1,
      checksum_mismatches: 0,
      late: 0,
      spans_checked: 3,
    })
    const missing = await reconcile(options(new Map([[range.start, ['1', '2', '3']]])))
    expect(missing).toMatchObject({ lost: 1, checksum_mismatches: 1, missing_examples: [identityOf('3')] })
  })

  it('calls nothing lost that age deleted, or that another version or another log said', async () => {
    const range = await deliver([aJudgedSpan(identityOf('1'))])
    const said = new Map([[range.start, ['6']]])
    const nothing = { lost: 0, checksum_mismatches: 0 }
    expect(await reconcile(options(said))).toMatchObject({ lost: 1, checksum_mismatches: 1 })
    expect(await reconcile(options(said, { kept_since: AT }))).toMatchObject({ lost: 0, checksum_mismatches: 1 })
    for (const known of [
      { ...identity, pipeline_version: 'newer' },
      { ...identity, config_offset: 8n },
    ])
      expect(await reconcile(options(said, { known }))).toMatchObject({ ...nothing, ranges_read: 0 })
    const fetch = async () => [{ offset: range.start, timestamp_ms: AT + 5_000 } as SourceRecord]
    expect(await reconcile(options(said, { fetch }))).toMatchObject({ ...nothing, ranges_read: 0 })
  })

  it('goes on behind a record that cannot be read, which lies in dead_letters', async () => {
    const range = await deliver([])
    const identify = () => {
      throw new TypeError('poison')
    }
    const reading = async () => ({ identify, exact: true })
    const found = await reconcile(options(new Map([[range.start, []]]), { reading }))
    expect(found).toMatchObject({ lost: 0, checksum_mismatches: 0, ranges_read: 1 })
  })

  it('counts a gap between ranges and behind the last one as lost', async () => {
    nextOffset += 5n
    const range = await deliver([aJudgedSpan(identityOf('4'))])
    const said = new Map([[range.start, ['4']]])
    expect(await reconcile(options(said))).toMatchObject({ lost: 5 })
    const places = async () => [{ partition: 0, start: 0n, end: range.end + 2n, committed: range.end + 2n }]
    expect(await reconcile(options(said, { places }))).toMatchObject({ lost: 7 })
  })

  it('goes on where the last run ended', async () => {
    const before = await deliver([aJudgedSpan(identityOf('1'))])
    const since = () => ({ offset: before.end, covered: true })
    expect(await reconcile(options(new Map(), { full: false, since }))).toMatchObject({ ranges: 0, lost: 0 })
    nextOffset += 3n
    const range = await deliver([aJudgedSpan(identityOf('1'))])
    const found = await reconcile(options(new Map([[range.start, ['1']]]), { full: false, since }))
    expect(found).toMatchObject({ ranges: 1, ranges_read: 1, lost: 3 })
    expect(found.reached).toEqual([{ partition: 0, offset: String(range.end) }])
  })

  it('calls lost what was committed to a store that was emptied since', async () => {
    const places = async () => [{ partition: 9, start: 2n, end: 8n, committed: 7n }]
    const emptied = options(new Map([[2n, []]]), { places })
    expect(await reconcile(emptied)).toMatchObject({ ranges: 0, lost: 5 })
    expect(await reconcile({ ...emptied, full: false })).toMatchObject({ lost: 0 })
    expect(await reconcile({ ...emptied, kept_since: AT })).toMatchObject({ lost: 0, reached: [] })
  })

  it('tells an id that a sender used twice from a row that was written twice', async () => {
    const day_later = { start_time: start_time + DAY_NS, end_time: start_time + DAY_NS }
    const span = { ...identityOf('6'), version: 1n << 48n }
    const range = await deliver([aJudgedSpan(span), aJudgedSpan({ ...span, ...day_later, version: span.version + 1n })])
    const before = await reconcile(options(new Map(), {}))
    expect(before).toMatchObject({ duplicated: 0, conflicting: 1 })
    const since = () => ({ offset: range.start, covered: true })
    const read = options(new Map([[range.start, ['6', '6']]]), { full: false, since })
    expect(await reconcile(read)).toMatchObject({ duplicated: 0, conflicting: 1, lost: 0 })
  })

  it('asks for the commits before the ledger, which runs ahead of them', async () => {
    const places = async () => {
      const place = { partition: 0, start: nextOffset, end: nextOffset, committed: nextOffset }
      await deliver([aJudgedSpan(identityOf('1'))])
      return [place]
    }
    const since = () => ({ offset: nextOffset - 1n, covered: true })
    expect(await reconcile(options(new Map(), { full: false, since, places }))).toMatchObject({ lost: 0 })
  })

  it('sees an id twice and a commit that is late', async () => {
    const day_later = { start_time: start_time + DAY_NS, end_time: start_time + DAY_NS }
    const range = await deliver([aJudgedSpan(identityOf('5')), aJudgedSpan({ ...identityOf('5'), ...day_later })])
    const pending = async () => [{ partition: 0, records: 1n, oldest_append_time: 10 }]
    expect(await reconcile(options(new Map(), { pending, now: 2_000 }))).toMatchObject({ duplicated: 1, late: 1 })
    const since = () => ({ offset: range.start, covered: true })
    const read = options(new Map([[range.start, ['5', '5']]]), { full: false, since })
    expect(await reconcile(read)).toMatchObject({ duplicated: 1, collapsed: 1, lost: 0 })
  })

  it('sums the same checksum as ClickHouse', async () => {
    const span = identityOf('1')
    const { crc } = await one<{ crc: string }>(
      `SELECT toString(CRC32('${span.project}/${span.trace_id}/${span.span_id}')) AS crc`,
    )
    expect(String(spanChecksum(span))).toBe(crc)
  })
})
