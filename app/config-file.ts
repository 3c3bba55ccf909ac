import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import type { Document } from 'yaml'
import { ConfigError, parseConfig, readConfigDocument } from './config.ts'

/** Nobody but the owner reads a configuration that we make. */
const PRIVATE_MODE = 0o600

export interface ChangedConfig<Result> {
  readonly result: Result
  /** What the file says now. */
  readonly values: unknown
}

/**
 * Changes evalforge.yaml at once or not at all, whatever interrupts it: through a link, not in its place; comments, order,
 * owner and mode stay. One change at a time: a second one is refused, and nothing is lost. A file that is not there
 * is made. Throws ConfigError where the file is not valid, before or after `change`, and then nothing has changed.
 */
export function changeConfigFile<Result>(path: string, change: (document: Document) => Result): ChangedConfig<Result> {
  const target = existsSync(path) ? realpathSync(path) : path
  const fresh = `${target}.new`
  const descriptor = attempt(path, fresh, () => openSync(fresh, 'wx', PRIVATE_MODE))
  try {
    const document = readConfigDocument({ path, required: false })
    if (document.contents === null) document.contents = document.createNode({}) as never
    const result = change(document)
    const values = document.toJS({ maxAliasCount: 100 })
    parseConfig(values, {}, path)
    attempt(path, fresh, () => {
      writeSync(descriptor, document.toString())
      keepOwner(target, fresh, descriptor)
      fsyncSync(descriptor)
      renameSync(fresh, target)
    })
    return { result, values }
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** A service that runs as somebody else must still be able to read what an administrator changed. */
function keepOwner(target: string, fresh: string, descriptor: number): void {
  const before = statSync(target, { throwIfNoEntry: false })
  if (before === undefined) return
  fchmodSync(descriptor, before.mode & 0o777)
  const now = statSync(fresh)
  if (now.uid !== before.uid || now.gid !== before.gid) chownSync(fresh, before.uid, before.gid)
}

function attempt<Result>(path: string, fresh: string, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException
    const why =
      code === 'EEXIST'
        ? `is being changed by another command; if none runs, remove ${fresh}, which one left that was interrupted`
        : `cannot be written (${code})`
    throw new ConfigError(path, [{ path: '', message: `${why}; nothing was changed.` }])
  }
}
