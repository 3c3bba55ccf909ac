import type { Random } from '../../core/random.ts'
import type { RawRequest } from './hostile-request.ts'

/** Frames of RFC 9113 §6, by the byte. */
const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const
const END_STREAM = 1
const END_HEADERS = 4
const PADDED = 8
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

interface Frame {
  readonly type: number
  readonly flags?: number
  readonly stream?: number
  readonly payload?: Buffer
}

function frame({ type, flags = 0, stream = 0, payload = Buffer.alloc(0) }: Frame): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream >>> 0, 5)
  return Buffer.concat([head, payload])
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** A length of HPACK (RFC 7541 §5.1) in the low seven bits. */
function hpackLength(length: number): Buffer {
  if (length < 127) return Buffer.of(length)
  const bytes = [127]
  let rest = length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** Literal fields that are not indexed (RFC 7541 §6.2.2), without Huffman. */
function hpack(headers: readonly (readonly [string, string])[]): Buffer {
  const literal = (text: string) => Buffer.concat([hpackLength(Buffer.byteLength(text)), Buffer.from(text)])
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]))
}

export interface Target {
  readonly key: string
  readonly path: string
}

const times = (count: number, make: (n: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, n) => make(n)))
const settings = (...pairs: (readonly [number, number])[]) =>
  frame({
    type: TYPE.settings,
    payload: Buffer.concat(pairs.map(([id, value]) => Buffer.concat([u32(id).subarray(2), u32(value)]))),
  })

type Attack = (call: Buffer, random: Random) => Buffer

/** Each follows a preface and settings that are as they should be. `call` are the headers of an export. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  'rapid reset': (call, random) =>
    times(50 + random(400), (n) =>
      Buffer.concat([
        frame({ type: TYPE.headers, flags: END_HEADERS, stream: 2 * n + 1, payload: call }),
        frame({ type: TYPE.reset, stream: 2 * n + 1, payload: u32(8) }),
      ]),
    ),
  'settings flood': (_, random) => times(500 + random(3000), () => settings([3, 100])),
  'ping flood': (_, random) => times(500 + random(5000), () => frame({ type: TYPE.ping, payload: Buffer.alloc(8, 1) })),
  'continuation flood': (call, random) =>
    Buffer.concat([
      frame({ type: TYPE.headers, stream: 1, payload: call }),
      times(500 + random(3000), () =>
        frame({ type: TYPE.continuation, stream: 1, payload: hpack([['x', 'y'.repeat(100)]]) }),
      ),
    ]),
  'empty continuations': (call) =>
    Buffer.concat([
      frame({ type: TYPE.headers, stream: 1, payload: call }),
      times(8000, () => frame({ type: TYPE.continuation, stream: 1 })),
    ]),
  'header list without end': (call) =>
    times(20, (n) => {
      const payload = Buffer.concat([
        call,
        hpack(Array.from({ length: 60 }, (_, m) => [`x${m}`, 'v'.repeat(250)] as const)),
      ])
      return frame({
        type: TYPE.headers,
        flags: END_HEADERS | END_STREAM,
        stream: 2 * n + 1,
        payload: payload.subarray(0, 16_384),
      })
    }),
  'stream flood': (call) =>
    times(2000, (n) => frame({ type: TYPE.headers, flags: END_HEADERS, stream: 2 * n + 1, payload: call })),
  'window stall': (call) =>
    Buffer.concat([
      settings([4, 0]),
      times(60, (n) =>
        frame({ type: TYPE.headers, flags: END_HEADERS | END_STREAM, stream: 2 * n + 1, payload: call }),
      ),
    ]),
  'window overflow': (call) =>
    Buffer.concat([
      frame({ type: TYPE.headers, flags: END_HEADERS, stream: 1, payload: call }),
      times(3, () => frame({ type: TYPE.window, stream: 1, payload: u32(0x7fffffff) })),
      frame({ type: TYPE.window, payload: u32(0x7fffffff) }),
    ]),
  'window of nothing': () => times(3000, () => frame({ type: TYPE.window, payload: u32(0) })),
  'empty data flood': (call) =>
    Buffer.concat([
      frame({ type: TYPE.headers, flags: END_HEADERS, stream: 1, payload: call }),
      times(8000, () => frame({ type: TYPE.data, stream: 1 })),
    ]),
  'data beyond the window': (call) =>
    Buffer.concat([
      frame({ type: TYPE.headers, flags: END_HEADERS, stream: 1, payload: call }),
      times(40, () => frame({ type: TYPE.data, stream: 1, payload: Buffer.alloc(16_384) })),
    ]),
  'priority flood': () =>
    times(5000, (n) => frame({ type: TYPE.priority, stream: 2 * n + 1, payload: Buffer.alloc(5, 1) })),
  'table size flood': () =>
    times(300, (n) =>
      frame({
        type: TYPE.headers,
        flags: END_HEADERS,
        stream: 2 * n + 1,
        payload: Buffer.from([0x3f, 0xe1, 0xff, 0xff, 0xff, 0x0f]),
      }),
    ),
  'broken header block': (_, random) =>
    frame({
      type: TYPE.headers,
      flags: END_HEADERS,
      stream: 1,
      payload: Buffer.from(Array.from({ length: 60 }, () => random(256))),
    }),
  'padding beyond the frame': () =>
    frame({ type: TYPE.data, flags: PADDED, stream: 1, payload: Buffer.from([200, 1, 2]) }),
  'data of no stream': () => frame({ type: TYPE.data, stream: 0, payload: Buffer.alloc(10) }),
  'push from a client': (call) =>
    frame({ type: TYPE.push, flags: END_HEADERS, stream: 1, payload: Buffer.concat([u32(2), call]) }),
  'even stream': (call) => frame({ type: TYPE.headers, flags: END_HEADERS, stream: 2, payload: call }),
  'stream of itself': (call) =>
    frame({
      type: TYPE.headers,
      flags: END_HEADERS | 0x20,
      stream: 1,
      payload: Buffer.concat([u32(1), Buffer.of(1), call]),
    }),
  'unknown frames': (_, random) =>
    times(1000, () =>
      frame({ type: 20 + random(200), flags: random(256), stream: random(99), payload: Buffer.alloc(random(50)) }),
    ),
  'odd settings': () => settings([4, 0x80000000], [5, 1], [2, 7], [1, 0xffffffff], [6, 0], [0xffff, 1]),
  'frame too large': () => Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]), Buffer.alloc(30_000)]),
  'goaway, then more': (call) =>
    Buffer.concat([
      frame({ type: TYPE.goaway, payload: Buffer.alloc(8) }),
      frame({ type: TYPE.headers, flags: END_HEADERS, stream: 1, payload: call }),
    ]),
  noise: (_, random) => Buffer.from(Array.from({ length: 400 }, () => random(256))),
}
const NAMES = Object.keys(ATTACKS)

/** HTTP/2 that is meant to cost more than it costs to send. That everyone else is served is what counts. */
export function anHttp2Attack(random: Random, { key, path }: Target): RawRequest {
  const call = hpack([
    ...([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'a'],
    ] as const),
    ...([
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['authorization', `Bearer ${key}`],
    ] as const),
  ])
  const name = NAMES[random(NAMES.length)]!
  const attack = ATTACKS[name]!(call, random)
  const preface = random(30) === 0 ? PREFACE.subarray(0, 10) : PREFACE
  const bytes = Buffer.concat([preface, settings(), attack])
  // The other side greets with its settings at once, so that an answer says nothing: stay a while, then hang up.
  return {
    kind: 'raw',
    what: `http2: ${name}`,
    pieces: [{ bytes }],
    hang_up_after_ms: 300,
    deadline_ms: 5_000,
    may_close: true,
    may_stay_open: true,
  }
}
