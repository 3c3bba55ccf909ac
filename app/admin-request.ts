import { realpathSync } from 'node:fs'
import type { Config } from './config.ts'
import { DATA_DIR_HEADER } from './supervisor/data-dir-header.ts'

export function adminUrl({ admin: { host, port } }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Has an instance with another data directory refuse; none where ours is not there yet: then any is meant. */
export function dataDirHeaders({ data_dir }: Config): Readonly<Record<string, string>> {
  try {
    return { [DATA_DIR_HEADER]: encodeURIComponent(realpathSync(data_dir)) }
  } catch {
    return {}
  }
}
