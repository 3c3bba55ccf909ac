import type { Overrides } from './config.ts'

/** Flags that lay themselves over evalforge.yaml; each has an environment variable of the same name. */
export interface CommonFlags {
  readonly config?: string
  readonly dataDir?: string
  readonly otlpHttpPort?: number
  readonly otlpGrpcPort?: number
  readonly clickhousePort?: number
  readonly adminPort?: number
  readonly host?: string
  readonly logLevel?: string
}

/** What every command is given of the flags: which file to read, and what wins over it. */
export interface CommandContext {
  readonly file: { readonly path: string; readonly required: boolean }
  readonly overrides: Overrides
}

export const DEFAULT_FILE = 'evalforge.yaml'

export function contextOf(flags: CommonFlags): CommandContext {
  const given = {
    data_dir: flags.dataDir,
    'ingest.otlp_http.port': flags.otlpHttpPort,
    'ingest.otlp_grpc.port': flags.otlpGrpcPort,
    'ingest.otlp_http.host': flags.host,
    'ingest.otlp_grpc.host': flags.host,
    'store.http.port': flags.clickhousePort,
    'admin.port': flags.adminPort,
    log_level: flags.logLevel,
  }
  const overrides: Record<string, string | number> = {}
  for (const [path, value] of Object.entries(given)) if (value !== undefined) overrides[path] = value
  return { file: { path: flags.config ?? DEFAULT_FILE, required: flags.config !== undefined }, overrides }
}
