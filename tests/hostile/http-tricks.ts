import type { Random } from '../../core/random.ts'
import type { RawRequest } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'

type Trick = (good: HttpParts, random: Random) => Omit<RawRequest, 'kind' | 'what' | 'deadline_ms'> | Buffer

const DEADLINE_MS = 15_000
const bare = (text: string) => Buffer.from(text, 'latin1')
const withHeader = (good: HttpParts, ...lines: string[]): Buffer => insert(httpBytes(good), lines)

function insert(bytes: Buffer, lines: readonly string[]): Buffer {
  const at = bytes.indexOf('\r\n') + 2
  return Buffer.concat([bytes.subarray(0, at), bare(lines.map((line) => `${line}\r\n`).join('')), bytes.subarray(at)])
}

/** Head without a length, then the body as the trick says. */
const framed = (good: HttpParts, lines: readonly string[], body: Buffer): Buffer =>
  insert(httpBytes({ ...good, body, without_length: true }), lines)

const chunk = (body: Buffer) => Buffer.concat([bare(`${body.length.toString(16)}\r\n`), body, bare('\r\n')])
const chunked = (body: Buffer) => Buffer.concat([chunk(body), bare('0\r\n\r\n')])
const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[random(choices.length)]!

/** What a request line may ask for, and should not. */
const TARGETS = [
  ...[
    '/../../../../etc/passwd',
    '/v1/traces/../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/v1/%74races',
    '//v1/traces',
  ],
  ...[
    '/v1/traces?a=b#c',
    '/v1/traces;a=b',
    '/%',
    '/%zz',
    '/%00',
    '/\\..\\..',
    '*',
    '/v1/traces/%2f%2f',
    '/%c0%ae%c0%ae/',
  ],
  ...[
    'http://other.example/v1/traces',
    'http://[::1/',
    'https://127.0.0.1:99999/',
    'ftp://x/',
    '127.0.0.1:80',
    '/?query=%ff',
  ],
  ...[
    `/${'a'.repeat(9000)}`,
    `/${'a/'.repeat(4000)}`,
    `/v1/traces?${'a=b&'.repeat(3000)}`,
    `/${'%41'.repeat(3000)}`,
    '?',
    '/ ',
  ],
]

const TRICKS: Readonly<Record<string, Trick>> = {
  'two equal lengths': (good) => withHeader(good, `content-length: ${good.body.length}`),
  'two other lengths': (good, random) => withHeader(good, `content-length: ${random(2000)}`),
  'length and chunks': (good) =>
    framed(good, [`content-length: ${good.body.length}`, 'transfer-encoding: chunked'], chunked(good.body)),
  'a request inside chunks': (good) =>
    framed(
      good,
      ['content-length: 4', 'transfer-encoding: chunked'],
      Buffer.concat([bare('0\r\n\r\n'), httpBytes({ ...good, target: '/smuggled' })]),
    ),
  'odd transfer encoding': (good, random) => {
    const odd = [
      'xchunked',
      'chunked, identity',
      'identity, chunked',
      'chunked\u000b',
      'gzip, chunked',
      '"chunked"',
      ' ',
    ]
    return framed(good, [`transfer-encoding: ${oneOf(random, odd)}`], chunked(good.body))
  },
  'two transfer encodings': (good) =>
    framed(good, ['transfer-encoding: chunked', 'transfer-encoding: identity'], chunked(good.body)),
  'odd length': (good, random) => {
    const odd = ['-1', '+5', '1e3', '0x10', '5 5', '', '99999999999999999999', '5,5', '٥', ' 5 ;']
    return {
      pieces: [{ bytes: framed(good, [`content-length: ${oneOf(random, odd)}`], good.body) }],
      hang_up_after_ms: 400,
    }
  },
  'folded header': (good) => withHeader(good, 'x-folded: a', '  b', '\tc'),
  'space before the colon': (good) => withHeader(good, 'content-type : text/plain'),
  'header without a colon': (good) => withHeader(good, 'nonsense'),
  'header of odd bytes': (good, random) =>
    withHeader(
      good,
      oneOf(random, ['x\u0000y: a', 'x: a\u0000b', 'x: a\rb', '\u00e9: a', ': a', 'x: \u0001\u007f', '"x": a']),
    ),
  'header without end': (good, random) =>
    withHeader(good, `x-long: ${'v'.repeat([15_000, 17_000, 200_000][random(3)]!)}`),
  'many headers': (good, random) =>
    withHeader(good, ...Array.from({ length: [90, 1500, 9000][random(3)]! }, (_, n) => `x${n}: y`)),
  'long header name': (good) => withHeader(good, `${'n'.repeat(14_000)}: v`),
  'odd target': (good, random) => httpBytes({ ...good, target: oneOf(random, TARGETS) }),
  'target without end': (good, random) =>
    httpBytes({ ...good, target: `/${'t'.repeat([20_000, 300_000][random(2)]!)}` }),
  'odd version': (good, random) =>
    httpBytes({ ...good, version: oneOf(random, ['1.0', '0.9', '2.0', '9.9', '1.1.1', '1', '-1.1', '1.1 x', '11']) }),
  'odd method': (good, random) => {
    const odd = [
      'CONNECT',
      'TRACE',
      'OPTIONS',
      'PATCH',
      'PRI',
      'post',
      'GET GET',
      '',
      'G\u0000T',
      'M-SEARCH',
      'X'.repeat(5000),
    ]
    return httpBytes({ ...good, method: oneOf(random, odd) })
  },
  'expects 100': (good) => withHeader(good, 'expect: 100-continue'),
  'expects the odd': (good) => withHeader(good, 'expect: a-pony'),
  upgrade: (good, random) =>
    withHeader(
      good,
      'connection: upgrade, http2-settings',
      `upgrade: ${oneOf(random, ['h2c', 'websocket', 'TLS/1.0'])}`,
    ),
  'no host, two hosts': (good, random) => {
    const bytes = httpBytes(good).toString('latin1')
    const host = 'host: 127.0.0.1\r\n'
    return bare(bytes.replace(host, oneOf(random, ['', host + host, 'host: a b\r\n', 'host: \r\n', 'host: évil\r\n'])))
  },
  'line feeds only': (good) => bare(httpBytes(good).toString('latin1').replaceAll('\r\n', '\n')),
  'empty lines first': (good, random) => Buffer.concat([Buffer.alloc(2 * (1 + random(3000)), '\r\n'), httpBytes(good)]),
  'chunk of a giant': (good, random) => {
    const size = oneOf(random, ['fffffffffffffffff', '-1', '7fffffff', 'zz', ''])
    const bytes = framed(good, ['transfer-encoding: chunked'], bare(`${size}\r\nx`))
    return { pieces: [{ bytes }], hang_up_after_ms: 1_000 }
  },
  'chunk extensions': (good) =>
    framed(good, ['transfer-encoding: chunked'], bare(`1;${'e'.repeat(30_000)}\r\nx\r\n0\r\n\r\n`)),
  'chunks of a byte': (good) =>
    framed(
      good,
      ['transfer-encoding: chunked'],
      Buffer.concat([...[...good.body].map((byte) => chunk(Buffer.of(byte))), bare('0\r\n\r\n')]),
    ),
  'many trailers': (good) =>
    framed(
      good,
      ['transfer-encoding: chunked'],
      Buffer.concat([chunk(good.body), bare('0\r\n'), bare('t: u\r\n'.repeat(5000)), bare('\r\n')]),
    ),
  'many at once': (good, random) => Buffer.concat(Array.from({ length: 2 + random(40) }, () => httpBytes(good))),
  'cut and hung up': (good, random) => {
    const bytes = httpBytes(good)
    return { pieces: [{ bytes: bytes.subarray(0, 1 + random(bytes.length)) }], hang_up_after_ms: random(40) }
  },
  'not HTTP': (_, random) =>
    oneOf(random, [
      Buffer.from('16030100a5010000a10303', 'hex'),
      bare('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      bare('SSH-2.0-OpenSSH_9.9\r\n'),
      bare('*1\r\n$4\r\nPING\r\n\r\n'),
      bare('\u0000\u0000\u0000\u0004\u0000\u0000\r\n\r\n'),
      bare('EHLO x\r\n\r\n'),
      Buffer.alloc(300, 0xff),
    ]),
}
const NAMES = Object.keys(TRICKS)
/** HTTP lets the other side hang up on these: tunnels, and what ends before it is a request. */
const MAY_CLOSE = new Set([
  'odd method',
  'odd target',
  'upgrade',
  'odd length',
  'chunk of a giant',
  'cut and hung up',
  'odd version',
])

/** HTTP that is almost right, around a good request. */
export function aTrick(good: HttpParts, random: Random): RawRequest {
  const what = NAMES[random(NAMES.length)]!
  const made = TRICKS[what]!(good, random)
  const raw = Buffer.isBuffer(made) ? { pieces: [{ bytes: made }] } : made
  return { kind: 'raw', what, deadline_ms: DEADLINE_MS, ...raw, may_close: MAY_CLOSE.has(what) }
}

const TRICKLES: Readonly<Record<string, (bytes: Buffer) => readonly { bytes: Buffer; after_ms?: number }[]>> = {
  'slow headers': (bytes) => trickle(bytes.subarray(0, bytes.indexOf('\r\n\r\n')), 300),
  'slow body': (bytes) => slowBehindHead(bytes, 200),
  'nothing but a connection': () => [],
  'head without a body': (bytes) => [{ bytes: bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4) }],
}
const TRICKLE_NAMES = Object.keys(TRICKLES)

const trickle = (bytes: Buffer, after_ms: number) =>
  Array.from({ length: 100 }, (_, n) => ({ bytes: bytes.subarray(n, n + 1), after_ms })).filter(
    ({ bytes: piece }) => piece.length,
  )

function slowBehindHead(bytes: Buffer, after_ms: number) {
  const body = bytes.indexOf('\r\n\r\n') + 4
  return [{ bytes: bytes.subarray(0, body) }, ...trickle(bytes.subarray(body), after_ms)]
}

/** A sender that holds a connection by sending next to nothing: within `deadline_ms` it is to be ended. */
export function aSlowloris(good: HttpParts, random: Random, deadline_ms: number): RawRequest {
  const what = TRICKLE_NAMES[random(TRICKLE_NAMES.length)]!
  const pieces = TRICKLES[what]!(httpBytes(good))
  return { kind: 'raw', what, pieces, deadline_ms, may_close: true, may_stay_open: what === 'nothing but a connection' }
}
