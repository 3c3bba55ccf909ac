import { constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inflate, parseContentEncoding } from './inflate.ts'

const MIB = 1024 * 1024
const text = Buffer.from('spans go in, evaluations come out. '.repeat(2000))
const open = { max_bytes: 64 * MIB, reserve: () => {} }
const coded = (code: string) => expect.objectContaining({ code })

const gzip = (bytes: Buffer) => gzipSync(bytes)
const encoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip,
  deflate: (bytes) => deflateSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
}

describe('inflate', () => {
  it.each(Object.entries(encoders))('reads %s, small and large', async (encoding, encode) => {
    const large = Buffer.concat(Array.from({ length: 50 }, (_, i) => Buffer.concat([text, Buffer.from([i])])))
    expect((await inflate(encode(text), [encoding], open)).equals(text)).toBe(true)
    expect((await inflate(encode(large), [encoding], open)).equals(large)).toBe(true)
  })

  it('reads deflate without its zlib header, several members and frames, and two layers', async () => {
    const twice = Buffer.concat([text, text])
    expect((await inflate(deflateRawSync(text), ['deflate'], open)).equals(text)).toBe(true)
    expect((await inflate(Buffer.concat([gzip(text), gzip(text)]), ['gzip'], open)).equals(twice)).toBe(true)
    const frame = zstdCompressSync(text)
    expect((await inflate(Buffer.concat([frame, frame]), ['zstd'], open)).equals(twice)).toBe(true)
    expect((await inflate(gzip(deflateSync(text)), ['deflate', 'gzip'], open)).equals(text)).toBe(true)
    expect(await inflate(text, [], open)).toBe(text)
  })

  it.each(Object.entries(encoders))('refuses %s that is cut, empty or something else', async (encoding, encode) => {
    for (const bytes of [encode(text).subarray(0, -1), Buffer.alloc(0), Buffer.from('not compressed at all')]) {
      await expect(inflate(bytes, [encoding], open)).rejects.toEqual(coded('INVALID_ENCODING'))
    }
  })

  it.each([3, 1000, 16_384, 16_385, 3 * MIB])(
    'reads every zstd frame of %i bytes, not the first alone',
    async (size) => {
      const frame = zstdCompressSync(Buffer.alloc(size, 'a'))
      expect(await inflate(Buffer.concat([frame, frame, frame]), ['zstd'], open)).toHaveLength(3 * size)
    },
  )

  it('refuses more zstd frames than a hundred, and anything behind the end', async () => {
    const empty = zstdCompressSync(Buffer.alloc(0))
    const frames = Buffer.concat(Array.from({ length: 101 }, () => empty))
    await expect(inflate(frames, ['zstd'], open)).rejects.toEqual(coded('INVALID_ENCODING'))
    for (const [encoding, encode] of Object.entries(encoders)) {
      const bytes = Buffer.concat([encode(text), Buffer.from('more')])
      await expect(inflate(bytes, [encoding], open), encoding).rejects.toEqual(coded('INVALID_ENCODING'))
    }
  })

  it('refuses a zstd frame that asks for a window of 128 MiB', async () => {
    const frame = zstdCompressSync(Buffer.alloc(30 * MIB, 'abcdef'), { params: { [constants.ZSTD_c_windowLog]: 27 } })
    await expect(inflate(frame, ['zstd'], open)).rejects.toEqual(coded('INVALID_ENCODING'))
  })

  it('counts all layers together', async () => {
    const inner = gzip(Buffer.alloc(1000))
    await expect(inflate(gzip(inner), ['gzip', 'gzip'], { ...open, max_bytes: 1000 })).rejects.toEqual(
      coded('REQUEST_TOO_LARGE'),
    )
    const enough = { ...open, max_bytes: 1000 + inner.length }
    expect(await inflate(gzip(inner), ['gzip', 'gzip'], enough)).toHaveLength(1000)
  })

  it.each([10, 40_000, 3 * MIB])('takes exactly %i bytes and not one more', async (size) => {
    const bytes = gzip(Buffer.alloc(size))
    expect(await inflate(bytes, ['gzip'], { ...open, max_bytes: size })).toHaveLength(size)
    await expect(inflate(bytes, ['gzip'], { ...open, max_bytes: size - 1 })).rejects.toEqual(coded('REQUEST_TOO_LARGE'))
  })

  it('stops when nothing more can be reserved', async () => {
    let reserved = 0
    const reserve = (bytes: number) => {
      if (reserved + bytes > 4 * MIB) throw new Error('full')
      reserved += bytes
    }
    await expect(inflate(gzip(Buffer.alloc(40 * MIB)), ['gzip'], { ...open, reserve })).rejects.toThrow('full')
    expect(reserved).toBeLessThanOrEqual(4 * MIB)
  })
})

describe('inflate: bombs of 10 GB', () => {
  const member = gzip(Buffer.alloc(64 * MIB))
  const flat = Buffer.concat(Array.from({ length: 160 }, () => member))
  const bombs: [string, Buffer, string[]][] = [
    ['many members', flat, ['gzip']],
    ['nested', gzip(flat), ['gzip', 'gzip']],
    ['zstd', Buffer.concat(Array.from({ length: 160 }, () => zstdCompressSync(Buffer.alloc(64 * MIB)))), ['zstd']],
  ]
  it.each(bombs)('%s: never holds more than the cap', async (_, bomb, encodings) => {
    let reserved = 0
    const reserve = (bytes: number) => {
      reserved += bytes
    }
    const budget = { max_bytes: 32 * MIB, reserve }
    const before = process.memoryUsage().arrayBuffers
    const started = performance.now()
    await expect(inflate(bomb, encodings, budget)).rejects.toEqual(coded('REQUEST_TOO_LARGE'))
    expect(reserved).toBeLessThanOrEqual(32 * MIB)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * MIB)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('parseContentEncoding', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['identity', []],
    ['GZIP', ['gzip']],
    ['x-gzip', ['gzip']],
    ['identity, deflate , gzip', ['deflate', 'gzip']],
  ])('%j', (header, encodings) => expect(parseContentEncoding(header)).toEqual(encodings))

  it.each(['br', 'snappy', 'gzip;q=1', 'gzip, gzip, gzip', `${'identity, '.repeat(15)}br`])('refuses %j', (header) =>
    expect(() => parseContentEncoding(header)).toThrow(coded('UNSUPPORTED_ENCODING')),
  )
})
