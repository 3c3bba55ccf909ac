import { constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Random } from '../../core/random.ts'

export interface Encoded {
  readonly what: string
  /** Value of Content-Encoding, or of grpc-encoding. */
  readonly header: string
  readonly sent: Buffer
  readonly heavy: boolean
}

const MIB = 1 << 20
const FAST = { level: 1 }

/** Made once, when first wanted. */
function once(make: () => Buffer): () => Buffer {
  let made: Buffer | undefined
  return () => {
    made ??= make()
    return made
  }
}

const zeros = (mib: number) => Buffer.alloc(mib * MIB)
const member = once(() => gzipSync(zeros(1)))
const skippable = (content: number) => {
  const frame = Buffer.alloc(8 + content)
  frame.writeUInt32LE(0x184d2a50, 0)
  frame.writeUInt32LE(content, 4)
  return frame
}
const zstd = (bytes: Buffer, windowLog = 0) =>
  zstdCompressSync(bytes, windowLog > 0 ? { params: { [constants.ZSTD_c_windowLog]: windowLog } } : {})
/** A frame header that asks for a window of 2 GiB (RFC 8878 §3.1.1.1.2), then an empty last block. */
const greedyWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00])
/** Name and extra field of the gzip header never end. */
const endlessName = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 3]), Buffer.alloc(100_000, 'n')])

const BOMBS: readonly { readonly what: string; readonly header: string; readonly bytes: () => Buffer }[] = [
  { what: 'gzip bomb', header: 'gzip', bytes: once(() => gzipSync(zeros(24), FAST)) },
  { what: 'gzip bomb in gzip', header: 'gzip, gzip', bytes: once(() => gzipSync(gzipSync(zeros(40), FAST))) },
  { what: 'gzip bomb of members', header: 'gzip', bytes: once(() => Buffer.concat(Array(24).fill(member()))) },
  {
    what: 'gzip of empty members',
    header: 'gzip',
    bytes: once(() => Buffer.alloc(400_000, gzipSync(Buffer.alloc(0)))),
  },
  { what: 'deflate bomb', header: 'deflate', bytes: once(() => deflateSync(zeros(24), FAST)) },
  { what: 'raw deflate bomb', header: 'deflate', bytes: once(() => deflateRawSync(zeros(24), FAST)) },
  { what: 'zstd bomb', header: 'zstd', bytes: once(() => zstd(zeros(24))) },
  { what: 'zstd bomb of frames', header: 'zstd', bytes: once(() => Buffer.concat(Array(24).fill(zstd(zeros(1))))) },
  { what: 'zstd of empty frames', header: 'zstd', bytes: once(() => Buffer.alloc(60_000, zstd(Buffer.alloc(0)))) },
  { what: 'zstd window of 128 MiB', header: 'zstd', bytes: once(() => zstd(zeros(1), 27)) },
  { what: 'zstd window of 2 GiB', header: 'zstd', bytes: () => greedyWindow },
  { what: 'zstd skippable frames', header: 'zstd', bytes: once(() => Buffer.alloc(80_000, skippable(0))) },
  { what: 'zstd skippable frame', header: 'zstd', bytes: once(() => skippable(1_000_000)) },
  { what: 'zstd bomb in gzip', header: 'zstd, gzip', bytes: once(() => gzipSync(zstd(zeros(24)))) },
  { what: 'gzip name without end', header: 'gzip', bytes: () => endlessName },
]

/** Makes them all, so that sending one takes no time. */
export function prepareBombs(): void {
  for (const { bytes } of BOMBS) bytes()
}

/** Small to send, large to inflate. */
export function aBomb(random: Random): Encoded {
  const { what, header, bytes } = BOMBS[random(BOMBS.length)]!
  return { what, header, sent: bytes(), heavy: true }
}

const CODINGS: readonly (readonly [header: string, encode: (bytes: Buffer) => Buffer])[] = [
  ['gzip', (bytes) => gzipSync(bytes, { level: 1 })],
  ['x-gzip', (bytes) => gzipSync(bytes, { level: 1 })],
  ['GZIP', (bytes) => gzipSync(bytes, { level: 1 })],
  ['deflate', (bytes) => deflateSync(bytes, { level: 1 })],
  ['deflate', (bytes) => deflateRawSync(bytes, { level: 1 })],
  ['zstd', (bytes) => zstd(bytes)],
  ['gzip, gzip', (bytes) => gzipSync(gzipSync(bytes, { level: 1 }), { level: 1 })],
  ['zstd, gzip', (bytes) => gzipSync(zstd(bytes), { level: 1 })],
  ['identity, gzip', (bytes) => gzipSync(bytes, { level: 1 })],
  ['gzip, gzip, gzip', (bytes) => gzipSync(gzipSync(gzipSync(bytes)))],
  ['gzip', (bytes) => Buffer.concat([gzipSync(bytes, { level: 1 }), Buffer.from('garbage')])],
  ['gzip', (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 40)), gzipSync(bytes.subarray(40))])],
  ['zstd', (bytes) => Buffer.concat([skippable(30), zstd(bytes.subarray(0, 40)), zstd(bytes.subarray(40))])],
  ['zstd', (bytes) => Buffer.concat([zstd(bytes), skippable(30)])],
  ['gzip', (bytes) => bytes],
  ['zstd', (bytes) => bytes],
  ['deflate', (bytes) => bytes],
  ['br', (bytes) => bytes],
  ['snappy', (bytes) => bytes],
  [`${'gzip,'.repeat(30)}gzip`, (bytes) => bytes],
  [',,,', (bytes) => bytes],
  ['*', (bytes) => bytes],
]

/** Any coding, right or wrong for these bytes, and perhaps damaged behind it. */
export function anEncoding(bytes: Buffer, random: Random, damage: (bytes: Buffer) => Buffer): Encoded {
  const [header, encode] = CODINGS[random(CODINGS.length)]!
  const encoded = encode(bytes)
  const damaged = random(3) === 0
  const what = `${header.slice(0, 20)}${damaged ? ', damaged' : ''}`
  return { what, header, sent: damaged ? damage(encoded) : encoded, heavy: false }
}
