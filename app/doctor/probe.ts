/**
 * What may hang for ever, in a process of its own that can be killed: `node probe.ts directory <path>` or `packages`.
 * Prints one JSON object.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  openSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'

export interface DirectoryProbe {
  readonly exists: boolean
  /** The directory itself, or the one above it that is there. */
  readonly looked_at: string
  readonly owner: number
  readonly mode: number
  readonly is_writable: boolean
  readonly file_system: number
  readonly free_bytes: number
  readonly free_inodes: number
  readonly inodes: number
  /** How long writing and flushing 4 KiB took; null where it was not tried. */
  readonly flush_ms: number | null
  /** Why writing failed; '' where it did not. */
  readonly problem: string
}

function probeDirectory(path: string): DirectoryProbe {
  const exists = existsSync(path)
  let looked_at = resolve(path)
  while (!existsSync(looked_at)) looked_at = dirname(looked_at)
  const { uid, mode } = statSync(looked_at)
  const { type, bavail, bsize, ffree, files } = statfsSync(looked_at)
  const is_writable = canWrite(looked_at)
  const written = exists && is_writable ? tryWriting(looked_at) : { flush_ms: null, problem: '' }
  return {
    exists,
    looked_at,
    owner: uid,
    mode: mode & 0o777,
    is_writable,
    file_system: type,
    free_bytes: bavail * bsize,
    free_inodes: ffree,
    inodes: files,
    ...written,
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

const PROBE_BYTES = 4096

function tryWriting(directory: string): { flush_ms: number | null; problem: string } {
  const path = join(directory, `doctor-${process.pid}.tmp`)
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      const started = performance.now()
      writeSync(file, Buffer.alloc(PROBE_BYTES))
      fdatasyncSync(file)
      return { flush_ms: performance.now() - started, problem: '' }
    } finally {
      closeSync(file)
      unlinkSync(path)
    }
  } catch (error) {
    return { flush_ms: null, problem: (error as Error).message }
  }
}

export interface PackagesProbe {
  readonly chdb: string
  readonly crc32c: boolean
}

/** Loads what is compiled for this machine and computes something with it. */
async function probePackages(): Promise<PackagesProbe> {
  const { tryEngine } = await import('../../adapters/store/chdb/try-engine.ts')
  const { crc32c } = await import('@node-rs/crc32')
  // RFC 3720, B.4: CRC32C of 32 zero bytes.
  return { chdb: await tryEngine(), crc32c: crc32c(Buffer.alloc(32)) === 0x8a9136aa }
}

if (import.meta.main) {
  const [, , kind, path = ''] = process.argv
  const answer = kind === 'directory' ? probeDirectory(path) : await probePackages()
  process.stdout.write(JSON.stringify(answer))
}
