import type { Transform } from 'node:stream'
import {
  constants,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import { CodedError } from './errors.ts'

/** What `Content-Encoding` may name, beside identity. */
export const ENCODINGS = ['gzip', 'deflate', 'zstd'] as const
/** Value of an Accept-Encoding header that says so. */
export const ACCEPT_ENCODING = ENCODINGS.join(', ')

const MAX_LAYERS = 2
/** Below this, inflating here costs less than a trip to the thread pool; at most 33 MiB could come of it. */
const SYNC_INPUT_BYTES = 32 * 1024
const SYNC_OUTPUT_BYTES = 2 * 1024 * 1024
/** A zstd frame may ask for a window of 128 MiB before its first byte; RFC 8878 §3.1.1.1.2 asks for 8 MiB. */
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 23 } }

type Codec = 'gzip' | 'zlib' | 'raw' | 'zstd'

/** Node stops in silence at the end of a zlib stream, whatever follows; a body that was cut together is refused instead. */
const STRICT = { rejectGarbageAfterEnd: true }
/** Each frame costs a decompressor of its own, and a trip to the thread pool: a thousand empty ones took it for seconds. */
const MAX_ZSTD_FRAMES = 100

interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

type InflateSync = (bytes: Uint8Array, options: { maxOutputLength: number; info: true }) => unknown

const SYNC: Record<Codec, InflateSync> = {
  gzip: gunzipSync,
  zlib: (bytes, options) => inflateSync(bytes, { ...options, ...STRICT }),
  raw: (bytes, options) => inflateRawSync(bytes, { ...options, ...STRICT }),
  zstd: (bytes, options) => zstdDecompressSync(bytes, { ...options, ...ZSTD }),
}

/** Pieces this large go back to the system one by one; the small ones of the default stay behind in the heap, scattered. */
const PIECES = { chunkSize: 256 * 1024 }

const STREAM: Record<Codec, () => Transform & { readonly bytesWritten: number }> = {
  gzip: () => createGunzip(PIECES),
  zlib: () => createInflate({ ...PIECES, ...STRICT }),
  raw: () => createInflateRaw({ ...PIECES, ...STRICT }),
  zstd: () => createZstdDecompress({ ...PIECES, ...ZSTD }),
}

export interface InflateBudget {
  /** Bytes that all layers together may produce; beyond it REQUEST_TOO_LARGE. */
  readonly max_bytes: number
  /** Called before more output is kept; throws to stop. */
  reserve(bytes: number): void
}

/**
 * The codings of a Content-Encoding header in the order they were applied; identity and empty names are left out. Throws
 * UNSUPPORTED_ENCODING for any other name, and for more than two layers.
 */
export function parseContentEncoding(header: string | undefined): readonly string[] {
  const names = (header ?? '')
    .toLowerCase()
    .split(',', 16)
    .map((name) => name.trim())
  const encodings = names
    .filter((name) => name !== '' && name !== 'identity')
    .map((name) => (name === 'x-gzip' ? 'gzip' : name))
  const known: readonly string[] = ENCODINGS
  if (encodings.length > MAX_LAYERS || !encodings.every((name) => known.includes(name))) {
    throw new CodedError(
      'UNSUPPORTED_ENCODING',
      `Content-Encoding takes ${ACCEPT_ENCODING}, at most ${MAX_LAYERS} of them.`,
    )
  }
  return encodings
}

/**
 * Undoes `encodings`, the last one first. Memory is bounded by the budget, whatever the bytes claim. Throws
 * INVALID_ENCODING for bytes that do not decompress, REQUEST_TOO_LARGE beyond the budget, and what `reserve` throws.
 */
export async function inflate(bytes: Buffer, encodings: readonly string[], budget: InflateBudget): Promise<Buffer> {
  let inflated = bytes
  let left = budget.max_bytes
  for (const encoding of encodings.toReversed()) {
    const output = await inflateLayer(inflated, codecOf(encoding, inflated), { ...budget, max_bytes: left })
    left -= output.length
    inflated = output
  }
  return inflated
}

/** `deflate` means zlib (RFC 9110 §8.4.1.2), but some senders leave the zlib header out. */
function codecOf(encoding: string, bytes: Buffer): Codec {
  if (encoding === 'gzip' || encoding === 'zstd') return encoding
  const [method = 0, flags = 0] = bytes
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0 ? 'zlib' : 'raw'
}

async function inflateLayer(bytes: Buffer, codec: Codec, budget: InflateBudget): Promise<Buffer> {
  const parts: Buffer[] = []
  let left = budget.max_bytes
  let rest = bytes
  // Node decodes the first of several zstd frames and drops the others in silence (nodejs/node#64741).
  do {
    const { buffer, engine } = await inflateOnce(rest, codec, { ...budget, max_bytes: left })
    parts.push(buffer)
    left -= buffer.length
    rest = rest.subarray(engine.bytesWritten)
    if (parts.length > MAX_ZSTD_FRAMES) throw new CodedError('INVALID_ENCODING', 'The body has too many zstd frames.')
  } while (codec === 'zstd' && rest.length > 0)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

async function inflateOnce(bytes: Buffer, codec: Codec, budget: InflateBudget): Promise<Inflated> {
  if (bytes.length <= SYNC_INPUT_BYTES) {
    const small = inflateSmall(bytes, codec, Math.min(budget.max_bytes, SYNC_OUTPUT_BYTES))
    if (small !== null) {
      budget.reserve(small.buffer.length)
      return small
    }
  }
  return inflateStream(bytes, STREAM[codec](), budget)
}

/** null where the output is larger than `max_bytes`. */
function inflateSmall(bytes: Buffer, codec: Codec, max_bytes: number): Inflated | null {
  try {
    return SYNC[codec](bytes, { maxOutputLength: Math.max(1, max_bytes), info: true }) as Inflated
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return null
    throw broken(cause)
  }
}

function inflateStream(
  bytes: Buffer,
  stream: Transform & { readonly bytesWritten: number },
  { max_bytes, reserve }: InflateBudget,
): Promise<Inflated> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    function stop(error: unknown) {
      stream.destroy()
      chunks.length = 0
      reject(error)
    }
    stream.on('error', (cause) => stop(broken(cause)))
    stream.on('end', () => resolve({ buffer: Buffer.concat(chunks, length), engine: stream }))
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > max_bytes) return stop(tooLarge(max_bytes))
      try {
        reserve(chunk.length)
      } catch (error) {
        return stop(error)
      }
      chunks.push(chunk)
    })
    stream.end(bytes)
  })
}

function tooLarge(max_bytes: number): CodedError {
  return new CodedError('REQUEST_TOO_LARGE', `The body inflates to more than the allowed ${max_bytes} bytes.`)
}

function broken(cause: unknown): CodedError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new CodedError('INVALID_ENCODING', `The body does not decompress (${reason}).`, { cause })
}
