import { statfsSync } from 'node:fs'
import { CodedError } from '../../core/errors.ts'
import { WARM_UP_MS } from './load.ts'

export interface RoomOptions {
  readonly seconds: number
  readonly rate: number
  readonly span_bytes: number
}

/** The log keeps a span as it was sent; the store, merges included, stays below as much again. */
const COPIES = 2
/** A store alone is measured as well, for at most so long. */
const INSERT_ONLY_SECONDS = 15
/** Segments, system tables, files that wait. */
const BASE_BYTES = 256 << 20

export function bytesNeeded({ seconds, rate, span_bytes }: RoomOptions): number {
  const spans = rate * (seconds + WARM_UP_MS / 1000)
  return BASE_BYTES + span_bytes * (COPIES * spans + rate * Math.min(INSERT_ONLY_SECONDS, seconds))
}

/** What the benchmark will need in `directory`, in bytes. Throws DATA_DIRECTORY_UNUSABLE where there is less. */
export function requireRoom(directory: string, options: RoomOptions): number {
  const needed = bytesNeeded(options)
  const { bavail, bsize } = statfsSync(directory)
  const free = bavail * bsize
  if (needed <= free) return needed
  throw new CodedError(
    'DATA_DIRECTORY_UNUSABLE',
    `The benchmark needs about ${formatBytes(needed)} in ${directory}, where ${formatBytes(free)} are free. ` +
      'Make it shorter (--seconds), slower (--rate), or name another place (--data-dir).',
  )
}

export function formatBytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
