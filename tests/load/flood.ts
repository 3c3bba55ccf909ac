/**
 * The noisy project: as much as its connections carry, with no regard for Retry-After. Forked with its options as JSON; floods
 * between the messages `on` and `off`, and answers `off` with what it was told.
 */
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createRequestSource } from '../../app/bench/requests.ts'
import { systemClock } from '../../core/clock.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import type { FloodKind, FloodOptions, FloodReport } from './isolation.ts'

const RECONNECT_MS = 20
const MIB = 1 << 20

function json(bytes: number): Buffer {
  const span = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    name: 'chat',
    startTimeUnixNano: `${systemClock.now()}000000`,
    attributes: Array.from({ length: 20 }, (_, n) => ({ key: `key ${n}`, value: { stringValue: 'x'.repeat(100) } })),
  }
  const spans = Array.from({ length: Math.ceil(bytes / JSON.stringify(span).length) }, () => span)
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))
}

function bodyOf(kind: FloodKind): Buffer {
  if (kind === 'large_json') return json(4 * MIB)
  const large = () => Buffer.from(encodeTracesJson(JSON.parse(json(8 * MIB).toString())))
  if (kind === 'large_protobuf') return large()
  if (kind === 'gzip') return gzipSync(large())
  return createRequestSource({ seed: 2, span_bytes: 1000, spans_per_request: 5 }).bodyOf(0, systemClock.now())
}

async function flood({ kind, port, key, connections }: FloodOptions): Promise<void> {
  const body = bodyOf(kind)
  let on = false
  let answers: Record<string, number> = {}
  const count = (answer: string) => {
    answers[answer] = (answers[answer] ?? 0) + 1
  }
  const resting: (() => void)[] = []
  /** What is still on its way would go on after the flood: its connections end with it. */
  const open = new Set<{ destroy(): void }>()
  const untilOn = () => (on ? Promise.resolve() : new Promise<void>((resolve) => resting.push(resolve)))

  const head = [
    'POST /v1/traces HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${key}`,
    `content-type: ${kind === 'large_json' ? 'application/json' : 'application/x-protobuf'}`,
    ...(kind === 'gzip' ? ['content-encoding: gzip'] : []),
    ...(kind === 'new_connections' ? ['connection: close'] : []),
    `content-length: ${body.length}`,
  ]
  const once = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
  const bytes = kind === 'pipelined' ? Buffer.concat(Array(16).fill(once)) : once
  const expected = kind === 'pipelined' ? 16 : 1

  /** One connection until it ends: the next request leaves when the answer to the last has come. */
  function overHttp(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      let answered = 0
      open.add(socket)
      const next = () => void untilOn().then(() => socket.write(bytes))
      socket.on('connect', next)
      socket.on('data', (chunk: Buffer) => {
        for (const [, status] of chunk.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g)) {
          if (status === '100') continue
          count(status!)
          answered++
        }
        if (answered >= expected && kind !== 'new_connections') {
          answered -= expected
          next()
        }
      })
      socket.on('error', (error: NodeJS.ErrnoException) => count(error.code ?? 'error'))
      socket.on('close', () => {
        open.delete(socket)
        resolve()
      })
    })
  }

  function overGrpc(): Promise<void> {
    return new Promise((resolve) => {
      const session = connectHttp2(`http://127.0.0.1:${port}`)
      open.add(session)
      const framed = Buffer.concat([Buffer.alloc(5), body])
      framed.writeUInt32BE(body.length, 1)
      function call(): void {
        if (session.destroyed) return
        const stream = session.request({
          ':method': 'POST',
          ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          'content-type': 'application/grpc',
          te: 'trailers',
          authorization: `Bearer ${key}`,
        })
        stream.on(
          'response',
          (headers) => headers['grpc-status'] !== undefined && count(`grpc ${headers['grpc-status']}`),
        )
        stream.on('trailers', (headers) => count(`grpc ${headers['grpc-status']}`))
        stream.on('error', () => count('stream error'))
        stream.on('close', () => void untilOn().then(call))
        stream.resume().end(framed)
      }
      session.on('connect', () => void untilOn().then(() => Array.from({ length: 16 }, call)))
      session.on('error', (error: NodeJS.ErrnoException) => count(error.code ?? 'error'))
      session.on('close', () => {
        open.delete(session)
        resolve()
      })
    })
  }

  process.on('message', (message) => {
    on = message === 'on'
    if (on) for (const wake of resting.splice(0)) wake()
    else {
      process.send?.({ answers } satisfies FloodReport)
      answers = {}
      for (const connection of open) connection.destroy()
    }
  })
  process.send?.('ready')
  async function keepUp(): Promise<void> {
    for (;;) {
      await untilOn()
      await (kind === 'grpc' ? overGrpc() : overHttp())
      await systemClock.sleep(kind === 'new_connections' ? 0 : RECONNECT_MS)
    }
  }
  await Promise.all(Array.from({ length: connections }, keepUp))
}

process.on('disconnect', () => process.exit(0))
await flood(JSON.parse(process.argv[2] ?? '{}') as FloodOptions)
