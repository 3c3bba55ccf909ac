import { createHash } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'

const SHARED_MEMORY = '/dev/shm'
/** A batch in flight per partition, times four partitions, times two: well under half a GiB. */
const SPOOL_BYTES_WANTED = 1 << 30

export const logDirectory = (config: Config) => join(config.data_dir, 'log')
export const judgesDirectory = (config: Config) => join(config.data_dir, 'judges')
export const storeDirectory = (config: Config) => join(config.data_dir, 'clickhouse')

/** Row files live for milliseconds: in memory where there is room, else beside the data. */
export function spoolDirectory(config: Config): string {
  if (config.store.spool_dir !== '') return config.store.spool_dir
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY)
    if (bavail * bsize >= SPOOL_BYTES_WANTED) {
      const instance = createHash('sha256').update(config.data_dir).digest('hex').slice(0, 16)
      return join(SHARED_MEMORY, `evalforge-${process.getuid?.() ?? 0}-${instance}`)
    }
  } catch {}
  return join(config.data_dir, 'spool')
}

/** Most of the log's room belongs to what is received; a quarter is for dead letters and what the chain writes. */
const INGEST_SHARE = 0.75

/** `log` of evalforge.yaml for one of the two processes that write topics, which bound their topics each for itself. */
export function logSettings({ log }: Config, role: 'ingest' | 'process') {
  const share = role === 'ingest' ? INGEST_SHARE : 1 - INGEST_SHARE
  return { ...log, retention_bytes: Math.floor(log.retention_bytes * share) }
}
