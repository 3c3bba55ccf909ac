import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiKey } from './api-keys.ts'
import { systemClock } from './clock.ts'
import { CodedError } from './errors.ts'
import type { IngestLimits } from './ingest-limits.ts'
import type { Signal } from './otlp-body.ts'
import type { CollectorDeps } from './otlp-intake.ts'
import { aCollector, aLogs, aText, aTraces, CAPTURES, captureFolders, spanIds } from './source.samples.ts'

export interface SentRequest {
  readonly signal: Signal
  /** OTLP protobuf, before compression. */
  readonly body: Uint8Array
  readonly key?: string
  readonly gzip?: boolean
}

export interface SourceAnswer {
  readonly ok: boolean
  /** The protocol asks the sender to send this request again. */
  readonly retryable: boolean
  /** Spans or log records refused by partial_success. */
  readonly rejected: number
  /** For a person: of the failure, or of partial_success. */
  readonly message: string
}

export interface StartedSource {
  send(request: SentRequest): Promise<SourceAnswer>
  drain(deadline_ms: number): Promise<void>
}

export type StartSource = (deps: CollectorDeps) => Promise<StartedSource>

/** What every collector promises, whatever its transport. */
export function describeSource(name: string, start: StartSource): void {
  const one = aTraces([{}])
  const sources: StartedSource[] = []
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.drain(1000)))
  })

  async function startWith(options: Parameters<typeof aCollector>[0] = {}) {
    const collector = aCollector(options)
    const source = await start(collector.deps)
    sources.push(source)
    return { ...collector, send: source.send, source }
  }

  /** An append that waits to be let go. */
  function hold(log: { append: CollectorDeps['append'] }) {
    const started = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    log.append = () => {
      started.resolve()
      return finish.promise
    }
    return { started: started.promise, finish: finish.resolve }
  }

  describe(`${name} keeps the contract of a source`, () => {
    it('answers only when the append resolved', async () => {
      const { log, send } = await startWith()
      const held = hold(log)
      let answered = false
      const answer = send({ signal: 'traces', body: one }).finally(() => {
        answered = true
      })
      await held.started
      await systemClock.sleep(50)
      expect(answered).toBe(false)
      held.finish()
      expect(await answer).toEqual({ ok: true, retryable: false, rejected: 0, message: '' })
    })

    it.each<[string, Error]>([
      ['BROKER_FAILED', new CodedError('BROKER_FAILED')],
      ['LOG_FULL', new CodedError('LOG_FULL')],
      ['INTERNAL', new CodedError('INTERNAL')],
      ['SPAN_TOO_LARGE', new CodedError('SPAN_TOO_LARGE')],
      ['no code', new Error('disk on fire')],
    ])('asks to send again when the append fails (%s), and goes on', async (_, error) => {
      const { log, send, appended } = await startWith()
      const { append } = log
      log.append = () => Promise.reject(error)
      expect(await send({ signal: 'traces', body: one })).toMatchObject({ ok: false, retryable: true })
      log.append = append
      expect(await send({ signal: 'traces', body: one })).toMatchObject({ ok: true })
      expect(appended).toHaveLength(1)
    })

    it('appends the same request twice when it is sent twice', async () => {
      const { send, appended } = await startWith()
      await send({ signal: 'traces', body: one })
      await send({ signal: 'traces', body: one, gzip: true })
      expect(appended.map(({ topic }) => topic)).toEqual(['otlp_spans', 'otlp_spans'])
      for (const { records } of appended) expect(records.map(({ value }) => value)).toEqual([one])
    })

    it('takes the project from the key, never from the payload, and nothing without a key', async () => {
      const shop = createApiKey((bytes) => Buffer.alloc(bytes, 1))
      const { send, appended, lines } = await startWith({ keys: { shop: shop.sha256 } })
      const refused = { ok: false, retryable: false, message: expect.stringContaining('evalforge keys create') }
      expect(await send({ signal: 'traces', body: one })).toMatchObject(refused)
      expect(await send({ signal: 'traces', body: one, key: `${shop.key}x` })).toMatchObject(refused)
      expect(appended).toEqual([])
      expect(await send({ signal: 'traces', body: one, key: shop.key })).toMatchObject({ ok: true })
      expect(appended[0]?.records[0]?.headers.project).toBe('shop')
      expect(lines.join()).not.toContain(shop.key)
    })

    it('appends all records of a request at once, and logs to their own topic', async () => {
      const { send, appended } = await startWith({ limits: { max_record_bytes: 1000 } })
      const spans = Array.from({ length: 20 }, (_, i) => ({
        spanId: `00000000000000${i + 10}`,
        attributes: aText(200),
      }))
      expect(await send({ signal: 'traces', body: aTraces(spans) })).toMatchObject({ ok: true, rejected: 0 })
      expect(appended).toHaveLength(1)
      const records = appended[0]!.records
      expect(records.length).toBeGreaterThan(4)
      for (const { value } of records) expect(value.length).toBeLessThanOrEqual(1000)
      const kept = records.flatMap(({ value }) => spanIds(value))
      expect(kept).toEqual(spans.map(({ spanId }) => spanId))
      await send({ signal: 'logs', body: aLogs(['a']) })
      expect(appended[1]?.topic).toBe('otlp_logs')
    })

    it('takes an empty request, and appends nothing', async () => {
      const { send, appended } = await startWith()
      expect(await send({ signal: 'traces', body: Buffer.alloc(0) })).toMatchObject({
        ok: true,
        rejected: 0,
        message: '',
      })
      expect(await send({ signal: 'logs', body: aTraces([]) })).toMatchObject({ ok: true, rejected: 0, message: '' })
      expect(appended).toEqual([])
    })

    it('refuses single spans by partial success and keeps the others', async () => {
      const limits = { max_attributes: 2, max_string_bytes: 1000, max_record_bytes: 2000, max_depth: 3 }
      const { send, appended } = await startWith({ limits })
      const deep = [1, 2, 3, 4].reduce<object>((value) => ({ arrayValue: { values: [value] } }), { intValue: 1 })
      const bad = [
        { spanId: '' },
        { attributes: [...aText(1), ...aText(1), ...aText(1)] },
        { attributes: aText(1001) },
        { attributes: [...aText(1000), ...aText(1000)] },
        { attributes: [{ key: 'deep', value: deep }] },
      ]
      const answer = await send({ signal: 'traces', body: aTraces([{}, ...bad, { spanId: '00000000000000aa' }]) })
      expect(answer).toMatchObject({ ok: true, rejected: 5 })
      for (const reason of [
        '1 invalid_id',
        '1 too_many_attributes',
        '1 string_too_long',
        '1 span_too_large',
        '1 too_deep',
      ]) {
        expect(answer.message).toContain(reason)
      }
      expect(spanIds(appended[0]!.records[0]!.value)).toEqual(['eee19b7ec3c1b174', '00000000000000aa'])
      const none = await send({ signal: 'traces', body: aTraces([{ spanId: '' }]) })
      expect(none).toMatchObject({ ok: true, rejected: 1 })
      expect(appended).toHaveLength(1)
    })

    const refusals: [string, Partial<IngestLimits>, SentRequest, string][] = [
      ['a truncated request', {}, { signal: 'traces', body: one.subarray(0, -1) }, 'Not OTLP'],
      ['log records at the address of traces', {}, { signal: 'traces', body: aLogs(['a']) }, '/v1/logs'],
      ['spans at the address of logs', {}, { signal: 'logs', body: one }, '/v1/traces'],
      ['too many spans', { max_spans: 2 }, { signal: 'traces', body: aTraces([{}, {}, {}]) }, 'Lower the batch size'],
      ['too many bytes as sent', { max_request_bytes: 5000 }, { signal: 'traces', body: Buffer.alloc(9000) }, 'larger'],
      [
        'too many bytes inflated',
        { max_inflated_bytes: 5000 },
        { signal: 'traces', body: Buffer.alloc(9000), gzip: true },
        'inflates',
      ],
      [
        'a gzip bomb',
        { max_inflated_bytes: 1e6 },
        { signal: 'logs', body: Buffer.alloc(50e6), gzip: true },
        'inflates',
      ],
      [
        'a bomb in a bomb',
        { max_inflated_bytes: 1e6 },
        { signal: 'traces', body: gzipSync(Buffer.alloc(1e8)), gzip: true },
        'OTLP',
      ],
    ]
    it.each(refusals)('refuses %s for good, and serves the next request', async (_, limits, request, says) => {
      const { send, appended, deps } = await startWith({ limits })
      const answer = await send(request)
      expect(answer).toMatchObject({ ok: false, retryable: false, message: expect.stringContaining(says) })
      expect(appended).toEqual([])
      expect(await send({ signal: 'traces', body: one })).toMatchObject({ ok: true })
      expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
    })

    it('takes what a rate limit allows, then asks to wait, and says which limit it is', async () => {
      const { send, appended } = await startWith({ rate_limits: { spans_per_second: 0.001 } })
      expect(await send({ signal: 'traces', body: aTraces([{}, {}, {}]) })).toMatchObject({ ok: true })
      for (const gzip of [false, true])
        expect(await send({ signal: 'traces', body: one, gzip })).toMatchObject({
          ok: false,
          retryable: true,
          message: expect.stringContaining('ingest.rate_limits.spans_per_second'),
        })
      expect(appended).toHaveLength(1)
    })

    it('asks to wait while too many requests are in flight', async () => {
      const { log, send, appended } = await startWith({ limits: { max_requests_in_flight: 1 } })
      const held = hold(log)
      const first = send({ signal: 'traces', body: one })
      await held.started
      expect(await send({ signal: 'traces', body: one })).toMatchObject({ ok: false, retryable: true })
      held.finish()
      expect(await first).toMatchObject({ ok: true })
      expect(await send({ signal: 'traces', body: one })).toMatchObject({ ok: true })
      expect(appended).toHaveLength(2)
    })

    it.each([false, true])('asks to wait while too many bytes are in flight (gzip: %j)', async (gzip) => {
      const { log, send } = await startWith({ limits: { max_bytes_in_flight: 100_000, max_project_share: 1 } })
      const held = hold(log)
      const large = aTraces([{ attributes: aText(60_000) }])
      const first = send({ signal: 'traces', body: large })
      await held.started
      expect(await send({ signal: 'traces', body: large, gzip })).toMatchObject({ ok: false, retryable: true })
      held.finish()
      expect(await first).toMatchObject({ ok: true })
      expect(await send({ signal: 'traces', body: large, gzip })).toMatchObject({ ok: true })
    })

    it('lets a request in flight finish when it drains, and takes no other', async () => {
      const { log, source } = await startWith()
      const held = hold(log)
      const answer = source.send({ signal: 'traces', body: one })
      await held.started
      // Longer than a test may take: it ends with the request, not with the deadline.
      const drained = source.drain(60_000)
      await systemClock.sleep(20)
      const late = source.send({ signal: 'traces', body: one }).catch(() => ({ ok: false }))
      held.finish()
      expect(await answer).toMatchObject({ ok: true })
      expect(await late).toMatchObject({ ok: false })
      await drained
    })

    it('stops at the deadline whatever is still in flight', async () => {
      const { log, source } = await startWith()
      const held = hold(log)
      const answer = source.send({ signal: 'traces', body: one }).catch(() => ({ ok: false }))
      await held.started
      await source.drain(100)
      expect(await answer).toMatchObject({ ok: false })
      held.finish()
    })

    it.skipIf(captureFolders().length === 0)('keeps recorded requests byte for byte', async () => {
      const { send, appended } = await startWith()
      let files = 0
      for (const folder of captureFolders()) {
        for (const file of readdirSync(join(CAPTURES, folder)).filter((file) => /traces?\.pb$/.test(file))) {
          const body = readFileSync(join(CAPTURES, folder, file))
          expect(await send({ signal: 'traces', body, gzip: files++ % 2 === 1 }), `${folder}/${file}`).toMatchObject({
            ok: true,
            rejected: 0,
          })
          expect(appended.at(-1)!.records.map(({ value }) => value)).toEqual([body])
        }
      }
      expect(files).toBeGreaterThan(0)
    })
  })
}
