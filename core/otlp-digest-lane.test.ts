import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { type IngestLimits, ingestLimits } from './ingest-limits.ts'
import { type DigestRequest, digest, isLarge } from './otlp-digest.ts'
import { createDigestLane, type DigestLane } from './otlp-digest-lane.ts'
import { aText, aTraces, aTracesJson } from './source.samples.ts'

/** The same that `ingest` uses. */
const entry = new URL('../app/processes/digest-thread.ts', import.meta.url)
const spans = Array.from({ length: 50 }, (_, index) => ({
  spanId: (index + 1).toString(16).padStart(16, '0'),
  attributes: aText(40_000),
}))

let lane: DigestLane | undefined
afterEach(() => lane?.close())

function open(max_heap_mb = 512): DigestLane {
  lane = createDigestLane({ entry, clock: systemClock, max_heap_mb })
  return lane
}

function aRequest(bytes: Buffer, form: DigestRequest['form'], limits: Partial<IngestLimits> = {}): DigestRequest {
  return { signal: 'traces', form, bytes, limits: ingestLimits.parse(limits) }
}

const json = (value: object) => Buffer.from(JSON.stringify(value))

describe('createDigestLane', () => {
  it.each([
    ['JSON', () => aRequest(json(aTracesJson(spans)), 'json')],
    ['protobuf', () => aRequest(aTraces(spans), 'protobuf')],
    ['protobuf with a span too many', () => aRequest(aTraces([{ traceId: '' }, ...spans]), 'protobuf')],
    [
      'a view into more memory',
      () => aRequest(Buffer.concat([Buffer.from('12345'), aTraces(spans)]).subarray(5), 'protobuf'),
    ],
  ])('reads %s as it is read here, and the records still share the memory of the request', async (_, request) => {
    const here = digest(request())
    const there = await open().digest(request(), 'a')
    expect(there.scanned.accepted).toBe(50)
    expect(there.scanned.rejected).toEqual(here.scanned.rejected)
    expect(there.scanned.records.map((bytes) => Buffer.from(bytes))).toEqual(
      here.scanned.records.map((bytes) => Buffer.from(bytes)),
    )
    const shared = ({ protobuf, scanned }: typeof here) =>
      scanned.records.map(({ buffer }) => buffer === protobuf.buffer)
    expect(shared(there)).toEqual(shared(here))
  })

  it('hands over what is small, though the request was large', async () => {
    const traces = Buffer.from(JSON.stringify({ traces: [{ start_time: 1_795_168_800 }, ...Array(400).fill({})] }))
    const translation = { name: 'rest_batch', parameters: {} }
    const { translated, scanned } = await open().digest({ ...aRequest(traces, 'json'), translation }, 'a')
    expect(scanned.accepted).toBe(1)
    expect(translated?.rejected.count).toBe(400)
  })

  it('gives the errors of the request back, and goes on', async () => {
    const { digest } = open()
    await expect(digest(aRequest(Buffer.from('{"secret'), 'json'), 'a')).rejects.toMatchObject({
      code: 'INVALID_OTLP',
      message: 'The body is not valid JSON.',
    })
    const limited = aRequest(aTraces(spans), 'protobuf', { max_spans: 49 })
    await expect(digest(limited, 'a')).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' })
    expect((await digest(aRequest(aTraces(spans), 'protobuf'), 'a')).scanned.accepted).toBe(50)
  })

  it('refuses what takes more memory than the thread has, and goes on', async () => {
    const { digest } = open(24)
    const objects = Buffer.from(`{"resourceSpans":[{"x":[${'{},'.repeat(900_000)}{}]}]}`)
    await expect(digest(aRequest(objects, 'json'), 'a')).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' })
    expect((await digest(aRequest(aTraces(spans), 'protobuf'), 'a')).scanned.accepted).toBe(50)
  })

  it('takes turns between projects', async () => {
    const { digest } = open()
    const order: string[] = []
    const ask = async (project: string) => {
      await digest(aRequest(aTraces(spans), 'protobuf'), project)
      order.push(project)
    }
    await Promise.all([...Array(4).fill('noisy'), 'quiet'].map(ask))
    expect(order).toEqual(['noisy', 'quiet', 'noisy', 'noisy', 'noisy'])
  })

  it('takes turns by bytes: several small requests for one large', async () => {
    const { digest } = open()
    const order: string[] = []
    const ask = async (project: string, count: number) => {
      await digest(aRequest(aTraces(spans.slice(0, count)), 'protobuf'), project)
      order.push(project)
    }
    const noisy = [1, 2, 3].map(() => ask('noisy', 50))
    const quiet = [1, 2, 3, 4, 5].map(() => ask('quiet', 5))
    await Promise.all([...noisy, ...quiet])
    expect(order).toEqual(['noisy', ...Array(5).fill('quiet'), 'noisy', 'noisy'])
  })

  it('refuses what waits when it is closed, and what comes later', async () => {
    const closing = open()
    const waiting = [1, 2, 3].map(() => closing.digest(aRequest(aTraces(spans), 'protobuf'), 'a'))
    const settled = Promise.allSettled(waiting)
    await closing.close()
    const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'SHUTTING_DOWN' }) }
    expect(await settled).toEqual([refused, refused, refused])
    await expect(closing.digest(aRequest(aTraces(spans), 'protobuf'), 'a')).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    })
  })
})

describe('isLarge', () => {
  it('leaves what SDKs send in a batch where it is', () => {
    expect(isLarge(aRequest(Buffer.alloc(512 * 2300), 'protobuf'))).toBe(false)
    expect(isLarge(aRequest(Buffer.alloc(1 << 20), 'json'))).toBe(true)
  })

  it('counts the objects of a body that is to be translated', () => {
    const translation = { name: 'any', parameters: {} }
    const objects = (count: number) => aRequest(json(Array(count).fill({})), 'json')
    expect(isLarge({ ...objects(300), translation })).toBe(false)
    expect(isLarge({ ...objects(301), translation })).toBe(true)
    expect(isLarge(objects(301))).toBe(false)
  })
})
