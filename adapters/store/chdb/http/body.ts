import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, createInflate, createZstdDecompress, deflate, gzip, zstdCompress } from 'node:zlib'
import { httpError } from './http-error.ts'

const INFLATERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
}

/** The body as sent or inflated, in chunks, at most `max_bytes` of it. Throws an HttpError. */
export async function* readBody(request: IncomingMessage, max_bytes: number): AsyncGenerator<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase()
  const open = INFLATERS[encoding]
  if (encoding !== 'identity' && encoding !== '' && !open)
    throw httpError('NOT_IMPLEMENTED', 'Unknown compression method of the body; use gzip, deflate or zstd.')
  const inflater = open ? request.pipe(open()) : null
  request.once('close', () => {
    if (!request.complete) inflater?.destroy(new Error('The caller went away.'))
  })
  let bytes = 0
  try {
    // The request must outlive an early end of reading: its socket still carries the answer.
    for await (const chunk of (inflater ?? request).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > max_bytes) throw httpError('TOO_LARGE', `The body is larger than ${max_bytes} bytes.`)
      yield chunk
    }
  } catch (error) {
    if (inflater && isZlibError(error)) throw httpError('CANNOT_DECOMPRESS', `The body is not valid ${encoding}.`)
    throw error
  } finally {
    inflater?.destroy()
  }
}

function isZlibError(error: unknown): boolean {
  return /^Z(STD)?_|^ERR_(ZSTD|_?ZLIB)/.test(String((error as NodeJS.ErrnoException).code))
}

export async function readText(request: IncomingMessage, max_bytes: number): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of readBody(request, max_bytes)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const DEFLATERS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Buffer>>> = {
  gzip: promisify<Uint8Array, Buffer>(gzip),
  deflate: promisify<Uint8Array, Buffer>(deflate),
  zstd: promisify<Uint8Array, Buffer>(zstdCompress),
}

/** The answer compressed with the first method the client accepts, or as it is. */
export async function compress(
  bytes: Uint8Array,
  accepted: string,
): Promise<{ readonly bytes: Uint8Array; readonly encoding: string | null }> {
  const methods = accepted.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '')
  for (const method of methods) {
    const apply = DEFLATERS[method]
    if (apply) return { bytes: await apply(bytes), encoding: method }
  }
  return { bytes, encoding: null }
}
