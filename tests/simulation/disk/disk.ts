import { dirname } from 'node:path'
import type { FileSystem, LogFile, SmallFile } from '../../../adapters/broker/embedded/file-system.ts'
import { CodedError } from '../../../core/errors.ts'
import type { Random } from '../../../core/random.ts'
import { operate, type Process } from '../machine.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Inode } from './inode.ts'
import { createNamespace, MissingFile } from './namespace.ts'

/** Faults of the disk that are switched on just now. */
export interface DiskFaults {
  full: boolean
  /** Operations on paths that contain a key take so many times longer. */
  slow: Map<string, number>
  /** The next flush of a file or directory whose path contains this fails. */
  fail_sync: string | null
  /** The next write to a file whose path contains this takes some of its bytes only. */
  short_write: string | null
}

/** One disk for all processes of a machine. */
export interface Disk {
  readonly faults: DiskFaults
  /** The file system as a process uses it. */
  mount(process: Process): FileSystem
  losePower(): void
  files(): string[]
  file(path: string): Inode | undefined
  /** Bytes of all files under a folder. */
  bytes(under: string): number
}

class DiskError extends Error {
  readonly code: string
  constructor(code: string) {
    super(`${code}: as the schedule wants it`)
    this.code = code
  }
}

const LATENCY_MS = { read: 0.1, write: 0.15, sync: 1.5, name: 0.05 }

/** `otlp_spans` of /log/otlp_spans/0/0.log: the topic, by which steps and faults are named. */
export function topicOf(path: string): string {
  return path.split('/')[2] ?? ''
}

export function createDisk(scheduler: Scheduler, random: Random): Disk {
  const names = createNamespace()
  const locks = new Map<string, Process>()
  const faults: DiskFaults = { full: false, slow: new Map(), fail_sync: null, short_write: null }

  function latency(kind: keyof typeof LATENCY_MS, path: string): number {
    let ms = LATENCY_MS[kind] * (0.5 + random(1000) / 1000)
    if (random(50) === 0) ms *= 20
    for (const [part, factor] of faults.slow) if (path.includes(part)) ms *= factor
    return ms
  }

  function noRoom(): void {
    if (faults.full) throw new DiskError('ENOSPC')
  }

  function isHit(fault: 'fail_sync' | 'short_write', path: string): boolean {
    const part = faults[fault]
    if (part === null || !path.includes(part)) return false
    faults[fault] = null
    return true
  }

  function existing(path: string): Inode {
    const inode = names.file(path)
    if (inode === undefined) throw new MissingFile(`there is no file ${path}`)
    return inode
  }

  function mount(process: Process): FileSystem {
    const act = <Result>(
      kind: keyof typeof LATENCY_MS,
      what: string,
      path: string,
      effect: () => Result,
      abandon?: () => void,
    ) =>
      operate(scheduler, process, {
        step: `${what} ${topicOf(path)}`,
        latency_ms: latency(kind, path),
        effect,
        ...(abandon && { abandon }),
      })

    function openFile(inode: Inode, path: string): LogFile {
      /** What a killed process was writing may be there in part. */
      function write(buffers: readonly Buffer[], position: number, most = Number.POSITIVE_INFINITY): number {
        const bytes = Buffer.concat([...buffers])
        const taken = bytes.subarray(0, Math.min(most, bytes.length))
        if (taken.length > 0) inode.write(taken, position)
        return taken.length
      }
      return {
        read: (buffer, position) => act('read', 'read', path, () => inode.read(buffer, position)),
        write(buffers, position) {
          const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
          const effect = () => {
            if (isHit('short_write', path)) return write(buffers, position, random(length))
            const grows = position + length > inode.size()
            if (grows && faults.full && random(2) === 0) return write(buffers, position, random(length))
            if (grows) noRoom()
            return write(buffers, position)
          }
          return act('write', 'write', path, effect, () => void write(buffers, position, random(length + 1)))
        },
        datasync: () =>
          act('sync', 'sync', path, () => {
            if (isHit('fail_sync', path)) {
              inode.loseUnsynced()
              throw new DiskError('EIO')
            }
            inode.sync()
          }),
        truncate: (size) => act('name', 'truncate', path, () => inode.truncate(size)),
        size: () => act('name', 'size', path, () => inode.size()),
        close: () => act('name', 'close', path, () => {}),
      }
    }

    function openSmall(path: string, mode: 'read' | 'write'): SmallFile | null {
      const found = names.file(path)
      if (found === undefined && mode === 'read') return null
      if (!process.alive) return { read: () => 0, write: () => {}, close: () => {} }
      const inode = found ?? names.create(path)
      return {
        read: (buffer, position) => inode.read(buffer, position),
        write(buffer, position) {
          if (!process.step(`publish ${topicOf(path)}`, 'before')) return
          if (position + buffer.length > inode.size()) noRoom()
          inode.write(buffer, position)
          process.step(`publish ${topicOf(path)}`, 'after')
        },
        close: () => {},
      }
    }

    return {
      open: (path, mode) =>
        act('name', 'open', path, () => {
          if (mode !== 'create') return openFile(existing(path), path)
          if (names.file(path) !== undefined) throw new DiskError('EEXIST')
          noRoom()
          return openFile(names.create(path), path)
        }),
      openSmall,
      list: (path) => act('name', 'list', path, () => names.list(path)),
      size: (path) => act('name', 'size', path, () => existing(path).size()),
      remove: (path) => act('name', 'remove', path, () => names.remove(path)),
      rename: (from, to) => act('name', 'rename', to, () => names.rename(from, to)),
      makeDirectory: (path) => act('name', 'mkdir', path, () => names.makeDirectory(path)),
      syncDirectory: (path) =>
        act('sync', 'syncdir', path, () => {
          if (isHit('fail_sync', `${path}/`)) throw new DiskError('EIO')
          names.syncDirectory(path)
        }),
      readText: (path) =>
        act('read', 'read', path, () => {
          const inode = names.file(path)
          if (inode === undefined) return null
          const bytes = Buffer.alloc(inode.size())
          inode.read(bytes, 0)
          return bytes.toString('utf8')
        }),
      async writeText(path, text) {
        const next = `${path}.tmp`
        await act('sync', 'write', path, () => {
          noRoom()
          const inode = names.file(next) ?? names.create(next)
          inode.truncate(0)
          inode.write(Buffer.from(text), 0)
          inode.sync()
        })
        await act('name', 'rename', path, () => names.rename(next, path))
        await act('sync', 'syncdir', path, () => names.syncDirectory(dirname(path)))
      },
      lock(path) {
        const holder = locks.get(path)
        if (process.alive && holder?.alive && holder !== process)
          throw new CodedError('DATA_DIRECTORY_LOCKED', `${path} is written by another process.`)
        if (process.alive) {
          names.makeDirectory(path)
          locks.set(path, process)
        }
        return {
          release() {
            if (locks.get(path) === process && process.alive) locks.delete(path)
          },
        }
      },
    }
  }

  return {
    faults,
    mount,
    losePower: () => names.losePower(random),
    files: names.files,
    file: names.file,
    bytes: (under) =>
      names
        .files()
        .filter((path) => path.startsWith(under))
        .reduce((sum, path) => sum + existing(path).size(), 0),
  }
}
