import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { makeDirectory } from '../../../core/make-directory.ts'
import { isProcessAlive } from './process-alive.ts'

export interface SpoolFile {
  readonly path: string
  readonly bytes: number
  remove(): Promise<void>
}

/** Files through which rows pass to the store process; gone as soon as it has answered. */
export interface Spool {
  write(chunks: readonly Uint8Array[]): Promise<SpoolFile>
  /** The same from a stream; its error is thrown on. */
  receive(chunks: AsyncIterable<Uint8Array>): Promise<SpoolFile>
  /** Removes the folder of this process. */
  close(): void
}

/** No live process keeps a file this long; one whose process id was given to another does. */
const STALE_MS = 3_600_000

/**
 * A folder for this process inside `directory`, which must be on the same machine as the store process; a memory file
 * system is fastest. What dead processes left is removed first.
 */
export function createSpool(directory: string, clock: Clock): Spool {
  const root = resolve(directory)
  // The path goes into FROM INFILE, where these characters are a pattern.
  if (/[*?{}[\]]/.test(root))
    throw new CodedError('CONFIG_INVALID', `The spool directory ${root} must not contain any of * ? { } [ ].`)
  makeDirectory(root, 0o700)
  removeLeftOvers(root, clock)
  const folder = mkdtempSync(join(root, `${process.pid}-`))
  let sequence = 0

  async function spooled(fill: (file: FileHandle) => Promise<number>): Promise<SpoolFile> {
    const path = join(folder, `${sequence++}.rowbinary`)
    const remove = () => rm(path, { force: true })
    try {
      const file = await open(path, 'wx', 0o600)
      try {
        return { path, bytes: await fill(file), remove }
      } finally {
        await file.close()
      }
    } catch (error) {
      await remove()
      throw error
    }
  }

  async function write(chunks: readonly Uint8Array[]): Promise<SpoolFile> {
    try {
      return await spooled((file) => writeAll(file, chunks))
    } catch (cause) {
      throw new CodedError('STORE_UNAVAILABLE', `Writing rows to the spool directory ${root} failed.`, { cause })
    }
  }

  function receive(chunks: AsyncIterable<Uint8Array>): Promise<SpoolFile> {
    return spooled(async (file) => {
      let bytes = 0
      for await (const chunk of chunks) bytes += await writeAll(file, [chunk])
      return bytes
    })
  }

  return { write, receive, close: () => rmSync(folder, { recursive: true, force: true }) }
}

/** writev may write less than it was given: when the file system is full, for example. Returns the bytes written. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<number> {
  let rest = chunks.filter((chunk) => chunk.byteLength > 0)
  let total = 0
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest)
    if (bytesWritten === 0) throw new Error('Nothing was written.')
    total += bytesWritten
    const next: Uint8Array[] = []
    for (const chunk of rest) {
      if (bytesWritten < chunk.byteLength) next.push(chunk.subarray(bytesWritten))
      bytesWritten = Math.max(0, bytesWritten - chunk.byteLength)
    }
    rest = next
  }
  return total
}

function removeLeftOvers(root: string, clock: Clock): void {
  const now = clock.now()
  const started = now - process.uptime() * 1000
  for (const name of readdirSync(root)) {
    const pid = Number(/^(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1] ?? 0)
    if (pid === 0) continue
    const touched = statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? now
    // Our own id on an older folder: in a container the same ids come back at every start.
    const alive = pid === process.pid ? touched >= started - 1000 : isProcessAlive(pid) && now - touched < STALE_MS
    if (!alive) rmSync(join(root, name), { recursive: true, force: true })
  }
}
