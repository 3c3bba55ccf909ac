import { loadTls } from '../core/tls.ts'
import { type Config, ConfigError } from './config.ts'

/** Reads the TLS files of all listeners. Throws ConfigError with everything that is wrong with them, by path. */
export function requireTlsFiles({ ingest: { otlp_http, otlp_grpc } }: Config, source: string): void {
  const problems = Object.entries({ otlp_http, otlp_grpc }).flatMap(([name, { tls }]) => {
    const loaded = tls && loadTls(tls, `ingest.${name}.tls`)
    return loaded === undefined || loaded.ok ? [] : loaded.problems
  })
  if (problems.length > 0) throw new ConfigError(source, problems)
}
