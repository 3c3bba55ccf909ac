import { createMutator } from '../../core/mutations.samples.ts'
import type { Random } from '../../core/random.ts'
import { aBomb, anEncoding } from './bombs.ts'
import { damagedBody, goodBody } from './doors-otlp-http.ts'
import type { Door, GrpcRequest, HostileRequest, Payload, RunContext } from './hostile-request.ts'
import { anHttp2Attack } from './http2-attacks.ts'

const SERVICE = '/opentelemetry.proto.collector'
const METHODS = { traces: `${SERVICE}.trace.v1.TraceService/Export`, logs: `${SERVICE}.logs.v1.LogsService/Export` }
/** Codes of docs/bad-input.md; 1 where we reset the stream; HTTP's own where it is not gRPC at all. */
const ANSWERS = new Set(
  'grpc 0,grpc 1,grpc 3,grpc 4,grpc 7,grpc 8,grpc 12,grpc 14+retry,grpc 16,http 404,http 405,http 415,reset'.split(','),
)

/** A message with the prefix that gRPC puts before it. */
function framed(message: Buffer, compressed = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = compressed
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

export function createOtlpGrpcDoor(context: RunContext): Door {
  const key = { authorization: `Bearer ${context.key}` }

  function call(what: string, payload: Payload, change: Partial<GrpcRequest> = {}): GrpcRequest {
    const { signal, sent, encodings } = payload
    const coded = encodings.length > 0
    const headers = { ...key, ...(coded && { 'grpc-encoding': encodings.join(',') }) }
    return {
      kind: 'grpc',
      what,
      path: METHODS[signal],
      headers,
      pieces: [framed(sent, coded ? 1 : 0)],
      payload,
      ...change,
    }
  }

  const plain = (index: number): Payload => {
    const { signal, bytes } = goodBody(context, index)
    return { signal, sent: bytes, encodings: [], declared: 'protobuf' }
  }

  function damaged(random: Random, index: number): GrpcRequest {
    const { what, signal, bytes } = damagedBody(context, random, index, 'protobuf')
    return call(what, { signal, sent: bytes, encodings: [], declared: 'protobuf' })
  }

  function encoded(random: Random, index: number): GrpcRequest {
    const good = plain(index)
    const { damage } = createMutator(1 + random(2 ** 31))
    const { what, header, sent } = anEncoding(good.sent, random, damage)
    return call(`encoding: ${what}`, { ...good, sent, encodings: [header] })
  }

  /** The prefix, the number of messages, how they are cut. What is acknowledged of it is the one whole message. */
  function misframed(random: Random, index: number): GrpcRequest {
    const good = plain(index)
    const whole = framed(good.sent)
    const at = 1 + random(whole.length - 1)
    const giant = Buffer.concat([Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), good.sent])
    const kinds: readonly (readonly [string, Partial<GrpcRequest>])[] = [
      ['no message', { pieces: [] }],
      ['half a message', { pieces: [whole.subarray(0, at)] }],
      ['two messages', { pieces: [whole, whole] }],
      ['a length of a giant', { pieces: [giant] }],
      ['odd flags', { pieces: [framed(good.sent, 2 + random(254))] }],
      ['compressed with nothing', { pieces: [framed(good.sent, 1)] }],
      ['in pieces', { pieces: [whole.subarray(0, at), whole.subarray(at)] }],
      ['behind it noise', { pieces: [whole, Buffer.from([random(256), random(256), random(256)])] }],
      ['reset', { pieces: [whole], reset: true }],
      ['half, then reset', { pieces: [whole.subarray(0, at)], reset: true }],
    ]
    const [what, change] = kinds[random(kinds.length)]!
    return call(`frames: ${what}`, good, change)
  }

  function odd(random: Random, index: number): GrpcRequest {
    const good = plain(index)
    const long = 'v'.repeat([1_000, 7_000][random(2)]!)
    const kinds: readonly (readonly [string, Partial<GrpcRequest>])[] = [
      [
        'path',
        { path: ['/', '/a.b/C', `${METHODS.traces}/x`, METHODS.traces.toLowerCase(), '/%00', `/${long}`][random(6)]! },
      ],
      ['metrics', { path: `${SERVICE}.metrics.v1.MetricsService/Export` }],
      [
        'type',
        {
          headers: {
            ...key,
            'content-type': ['application/json', 'application/grpc-web', 'text/plain', ''][random(4)]!,
          },
        },
      ],
      [
        'type of gRPC',
        {
          headers: {
            ...key,
            'content-type': ['application/grpc+json', 'application/grpc+', 'application/grpc;x'][random(3)]!,
          },
        },
      ],
      ['no key', { headers: {} }],
      [
        'key',
        { headers: { authorization: ['Bearer', 'Bearer x', `Basic ${long}`, 'Basic !!', '\u0009'][random(5)]! } },
      ],
      [
        'timeout',
        {
          headers: {
            ...key,
            'grpc-timeout': ['1n', '0S', '-1S', 'x', '99999999H', '999999999999H', '1', ''][random(8)]!,
          },
          // The gRPC library answers a timeout that it cannot read in its own name, before any of ours is asked.
          also: ['grpc 13'],
        },
      ],
      ['metadata', { headers: { ...key, 'x-long': long, 'x-bin': '!!', 'x-data-bin': ['AAA', '!!', ''][random(3)]! } }],
      [
        'many headers',
        { headers: { ...key, ...Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`x${n}`, 'y'])) } },
      ],
      ['method', { headers: { ...key, ':method': ['GET', 'PUT', 'HEAD', 'OPTIONS'][random(4)]! } }],
      ['accept', { headers: { ...key, 'grpc-accept-encoding': ['x', `${'gzip,'.repeat(100)}gzip`, ''][random(3)]! } }],
    ]
    const [what, change] = kinds[random(kinds.length)]!
    return call(`request: ${what}`, good, change)
  }

  function bomb(random: Random, index: number): GrpcRequest {
    const { what, header, sent } = aBomb(random)
    return { ...call(`bomb: ${what}`, { ...plain(index), sent, encodings: [header] }), heavy: true }
  }

  return {
    name: 'otlp-grpc',
    weight: 14,
    answers: ANSWERS,
    make(random, index): HostileRequest {
      const draw = random(10_000)
      if (draw < 8)
        return call('half a message, then silence', plain(index), {
          pieces: [framed(plain(index).sent).subarray(0, 40)],
          hang: true,
        })
      if (draw < 20) return bomb(random, index)
      if (draw < 60) return { ...anHttp2Attack(random, { key: context.key, path: METHODS.traces }), heavy: true }
      if (draw < 1_000) return misframed(random, index)
      if (draw < 1_900) return odd(random, index)
      if (draw < 2_600) return encoded(random, index)
      if (draw < 2_900) return this.good(index)
      return damaged(random, index)
    },
    good: (index) => ({ ...call('nothing wrong', plain(index)), expect: 'grpc 0' }),
  }
}
