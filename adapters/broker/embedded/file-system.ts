import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DirectoryLock, lockDirectory } from '../../../core/directory-lock.ts'

/** An open file. Positions and sizes are bytes. */
export interface LogFile {
  /** Reads up to `buffer.length` bytes; fewer only at the end of the file. */
  read(buffer: Buffer, position: number): Promise<number>
  /** Bytes written, fewer than given when the disk is full. */
  write(buffers: readonly Buffer[], position: number): Promise<number>
  datasync(): Promise<void>
  truncate(size: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** A file of a few hundred bytes in the page cache, read and written without leaving the event loop turn. */
export interface SmallFile {
  read(buffer: Buffer, position: number): number
  write(buffer: Buffer, position: number): void
  close(): void
}

/** What the log asks of the file system, so that tests can hand in one that fails. */
export interface FileSystem {
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<LogFile>
  /** null when the file does not exist and is not to be created. */
  openSmall(path: string, mode: 'read' | 'write'): SmallFile | null
  /** Names in a directory, [] when there is none. */
  list(path: string): Promise<string[]>
  size(path: string): Promise<number>
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  makeDirectory(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  /** null when there is no such file. */
  readText(path: string): Promise<string | null>
  /** Replaces the file as a whole, durably. */
  writeText(path: string, text: string): Promise<void>
  /** Takes the write lock of a directory, created when missing; throws DATA_DIRECTORY_LOCKED or DATA_DIRECTORY_UNUSABLE. */
  lock(path: string): DirectoryLock
}

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = constants
const MODES = { read: O_RDONLY, write: O_RDWR, create: O_RDWR | O_CREAT | O_EXCL }

export const nodeFileSystem: FileSystem = {
  open: openLogFile,
  openSmall,
  list: async (path) => (await missingAs(readdir(path), [])) ?? [],
  size: async (path) => (await stat(path)).size,
  remove: (path) => unlink(path),
  rename: (from, to) => rename(from, to),
  async makeDirectory(path) {
    await mkdir(path, { recursive: true })
  },
  syncDirectory,
  readText: (path) => missingAs<string | null>(readFile(path, 'utf8'), null),
  async writeText(path, text) {
    const next = `${path}.tmp`
    await writeFile(next, text, { flush: true })
    await rename(next, path)
    await syncDirectory(dirname(path))
  },
  lock: lockDirectory,
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

async function missingAs<T>(result: Promise<T>, fallback: T): Promise<T> {
  try {
    return await result
  } catch (error) {
    if (isMissing(error)) return fallback
    throw error
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function openLogFile(path: string, mode: 'read' | 'write' | 'create'): Promise<LogFile> {
  const file = await open(path, MODES[mode])
  return {
    async read(buffer, position) {
      let done = 0
      while (done < buffer.length) {
        const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done
    },
    write: async (buffers, position) => (await file.writev(buffers, position)).bytesWritten,
    datasync: () => file.datasync(),
    truncate: (size) => file.truncate(size),
    size: async () => (await file.stat()).size,
    close: () => file.close(),
  }
}

function openSmall(path: string, mode: 'read' | 'write'): SmallFile | null {
  let descriptor: number
  try {
    descriptor = openSync(path, mode === 'write' ? O_RDWR | O_CREAT : O_RDONLY)
  } catch (error) {
    if (mode === 'read' && isMissing(error)) return null
    throw error
  }
  return {
    read: (buffer, position) => readSync(descriptor, buffer, 0, buffer.length, position),
    write(buffer, position) {
      writeSync(descriptor, buffer, 0, buffer.length, position)
    },
    close: () => closeSync(descriptor),
  }
}
