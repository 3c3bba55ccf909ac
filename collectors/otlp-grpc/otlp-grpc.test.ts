import { once } from 'node:events'
import { connect } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { Client, compressionAlgorithms, credentials, status as Grpc, Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { describeSource } from '../../core/source.contract.ts'
import { aCollector, aText, aTraces } from '../../core/source.samples.ts'
import { aGrpcClient, framed, LOGS, METRICS, startOtlpGrpc, TRACES } from './otlp-grpc.samples.ts'
import { createOtlpGrpc, otlpGrpcConfig } from './otlp-grpc.ts'

const MIB = 1024 * 1024
const one = aTraces([{}])
const RETRY_INFO = 'google.rpc.RetryInfo'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function start(options: Parameters<typeof aCollector>[0] = {}, config: Parameters<typeof startOtlpGrpc>[1] = {}) {
  const collector = aCollector(options)
  const listener = await startOtlpGrpc(collector.deps, config)
  stops.push(() => listener.drain(500))
  return { ...collector, ...listener }
}

const same = (bytes: Buffer) => bytes

function unary(client: Client, path: string, body: Uint8Array, metadata = new Metadata()) {
  return new Promise<{ error: ServiceError | null; response: Buffer }>((resolve) => {
    client.makeUnaryRequest(path, same, same, Buffer.from(body), metadata, (error, response = Buffer.alloc(0)) =>
      resolve({ error, response }),
    )
  })
}

describeSource('otlp-grpc', async (deps) => {
  const { port, drain } = await startOtlpGrpc(deps)
  const target = `127.0.0.1:${port}`
  const clients = [compressionAlgorithms.identity, compressionAlgorithms.gzip].map(
    (algorithm) =>
      new Client(target, credentials.createInsecure(), {
        'grpc.default_compression_algorithm': algorithm,
        'grpc.max_send_message_length': -1,
      }),
  )
  return {
    async drain(deadline_ms) {
      await drain(deadline_ms)
      for (const client of clients) client.close()
    },
    async send({ signal, body, key, gzip }) {
      const metadata = new Metadata()
      if (key) metadata.set('authorization', `Bearer ${key}`)
      const path = signal === 'traces' ? TRACES : LOGS
      const { error, response } = await unary(clients[gzip ? 1 : 0]!, path, body, metadata)
      const rich = String(error?.metadata?.get('grpc-status-details-bin')[0] ?? '')
      const code = error?.code ?? Grpc.OK
      const retryable = code === Grpc.UNAVAILABLE || (code === Grpc.RESOURCE_EXHAUSTED && rich.includes(RETRY_INFO))
      const partial = response.length > 0 ? response.subarray(response.indexOf(0x08)) : null
      const message = error?.details ?? partial?.subarray(4).toString() ?? ''
      return { ok: error === null, retryable, rejected: partial?.[1] ?? 0, message }
    },
  }
})

describe('otlp-grpc: statuses', () => {
  it('has a sentence for metrics, and the status of gRPC for what it does not know', async () => {
    const { call } = await start()
    const metrics = await call({ path: METRICS, bytes: [framed(one)] })
    expect(metrics).toMatchObject({
      status: Grpc.UNIMPLEMENTED,
      details: expect.stringContaining('OTEL_METRICS_EXPORTER=none'),
    })
    expect(await call({ path: '/a.b/C', bytes: [framed(one)] })).toMatchObject({ status: Grpc.UNIMPLEMENTED })
  })

  it('says UNAVAILABLE with RetryInfo while the log is full, and INVALID_ARGUMENT with BadRequest for bad data', async () => {
    const { call, log } = await start()
    const bad = await call({ bytes: [framed(one.subarray(1))] })
    expect(bad.status).toBe(Grpc.INVALID_ARGUMENT)
    expect(bad.rich.toString()).toContain('google.rpc.BadRequest')
    log.append = () => Promise.reject(new CodedError('LOG_FULL'))
    const full = await call({ bytes: [framed(one)] })
    expect(full.status).toBe(Grpc.UNAVAILABLE)
    // Status { 3: Any { 2: RetryInfo { 1: Duration { 1: 5 s } } } }
    expect(full.rich.subarray(-6)).toEqual(Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x08, 0x05]))
    expect(full.rich.toString()).toContain(RETRY_INFO)
  })

  it('takes keys as metadata, and asks for one before it reads a message', async () => {
    const shop = createApiKey((bytes) => Buffer.alloc(bytes, 1))
    const { call, appended } = await start({ keys: { shop: shop.sha256 } })
    const basic = Buffer.from(`pk:${shop.key}`).toString('base64')
    for (const headers of [
      { authorization: `Bearer ${shop.key}` },
      { 'x-api-key': shop.key },
      { authorization: `Basic ${basic}` },
    ]) {
      expect(await call({ headers, bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
    }
    expect(appended.map(({ records }) => records[0]?.headers)).toEqual(
      Array(3).fill({ project: 'shop', transport: 'grpc', correlation_id: expect.stringMatching(/^[0-9a-f]{32}$/) }),
    )
    expect(await call({ bytes: [], hang: true })).toMatchObject({ status: Grpc.UNAUTHENTICATED })
  })

  it('names a request in the metadata of its answer, taken or refused', async () => {
    const { call, appended } = await start()
    const headers = { 'x-correlation-id': 'order-7' }
    expect(await call({ headers, bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK, correlation_id: 'order-7' })
    expect(await call({ headers, path: METRICS, bytes: [] })).toMatchObject({ correlation_id: 'order-7' })
    expect(appended[0]!.records[0]!.headers.correlation_id).toBe('order-7')
  })

  it('listens beyond loopback only where there are keys, and says which port is busy', async () => {
    const { deps, port } = await start()
    const open = () => createOtlpGrpc({ config: otlpGrpcConfig.parse({ host: '::' }), deps })
    expect(open).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    const busy = createOtlpGrpc({ config: otlpGrpcConfig.parse({ port }), deps })
    await expect(busy.listen()).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining(`${port}`),
    })
  })
})

describe('otlp-grpc: connections', () => {
  it('closes a connection too many, and takes another when one has gone', async () => {
    const { port, call } = await start({}, { max_connections: 2 })
    expect(await call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    const third = aGrpcClient(port)
    expect(await third.call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.CANCELLED })
    silent.destroy()
    await expect
      .poll(async () => {
        const fourth = aGrpcClient(port)
        const { status } = await fourth.call({ bytes: [framed(one)] })
        fourth.close()
        return status
      })
      .toBe(Grpc.OK)
    expect(await call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
  })

  it('lets so many calls in on one connection and no more', async () => {
    const { call, deps } = await start({}, { max_concurrent_streams: 2 })
    expect(await call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
    const half = framed(one).subarray(0, 10)
    const calls = [1, 2, 3, 4].map(() => call({ bytes: [half], hang: true }))
    await expect.poll(() => deps.admission.inFlight().requests).toBe(2)
    await systemClock.sleep(50)
    expect(deps.admission.inFlight().requests).toBe(2)
    await stops.pop()?.()
    await Promise.all(calls)
  })

  it('is reached under every address of its name', async () => {
    const { port } = await start({}, { host: 'localhost' })
    const client = aGrpcClient(port)
    expect(await client.call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
    client.close()
  })
})

describe('otlp-grpc: messages', () => {
  it.each<[string, Buffer, boolean]>([
    ['gzip', gzipSync(one), true],
    ['deflate', deflateSync(one), true],
    ['gzip', one, false],
    ['identity', one, false],
  ])('takes grpc-encoding %s', async (encoding, message, compressed) => {
    const { call, appended } = await start()
    const bytes = framed(message, compressed)
    for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.of(byte))]) {
      expect(await call({ headers: { 'grpc-encoding': encoding }, bytes: pieces })).toMatchObject({ status: Grpc.OK })
      expect(appended.at(-1)?.records[0]?.value).toEqual(one)
    }
  })

  it.each<[string, Record<string, string>, Buffer[], number]>([
    ['an unknown compression', { 'grpc-encoding': 'snappy' }, [framed(one, true)], Grpc.UNIMPLEMENTED],
    ['a message that does not decompress', { 'grpc-encoding': 'gzip' }, [framed(one, true)], Grpc.INVALID_ARGUMENT],
    ['no message', {}, [], Grpc.UNIMPLEMENTED],
    ['half a message', {}, [framed(one).subarray(0, -1)], Grpc.UNIMPLEMENTED],
    ['two messages', {}, [framed(one), framed(one)], Grpc.UNIMPLEMENTED],
    ['a length beyond the limit', {}, [Buffer.from([0, 0xff, 0xff, 0xff, 0xff])], Grpc.RESOURCE_EXHAUSTED],
    ['a deadline that passed', { 'grpc-timeout': '1n' }, [], Grpc.DEADLINE_EXCEEDED],
  ])('refuses %s, and serves the next call', async (_, headers, bytes, status) => {
    const { call, appended, deps } = await start()
    const answer = await call({ headers, bytes, hang: status === Grpc.DEADLINE_EXCEEDED })
    expect(answer.status).toBe(status)
    expect(appended).toEqual([])
    expect(await call({ bytes: [framed(one)] })).toMatchObject({ status: Grpc.OK })
    await expect.poll(() => deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })

  it('counts the bytes of a message while it arrives: the private fields of grpc-js are where we look', async () => {
    const { call, deps } = await start({ limits: { max_request_bytes: 8 * MIB, max_inflated_bytes: 8 * MIB } })
    const message = framed(aTraces([{ attributes: aText(500_000) }]))
    const half = message.subarray(0, 250_000)
    const answer = call({ bytes: [half], hang: true })
    await expect.poll(() => deps.admission.inFlight()).toEqual({ requests: 1, bytes: half.length })
    await stops.pop()?.()
    expect(await answer).toMatchObject({ status: Grpc.CANCELLED })
    await expect.poll(() => deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })

  it('ends a call whose message arrives too slowly', async () => {
    const slow = { body_grace_ms: 100, min_body_bytes_per_second: 100_000 }
    const { call, deps } = await start({}, slow)
    expect(await call({ bytes: [framed(one).subarray(0, 20)], hang: true })).toMatchObject({
      status: Grpc.DEADLINE_EXCEEDED,
      details: expect.stringContaining('too slowly'),
    })
    expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })
})
